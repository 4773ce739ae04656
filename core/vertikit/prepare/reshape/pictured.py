"""Examples whose rows name pictures: each row is one, with its pictures decoded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.errors import VertikitError
from vertikit.picture_columns import Image, Mask
from vertikit.pictures import Pictures
from vertikit.prepare.pictures.decoding import read_pictures
from vertikit.prepare.places import several
from vertikit.prepare.reading import Rows
from vertikit.prepare.reshape.reshaped import EXAMPLES, Left, Reshaped
from vertikit.prepare.roots import Root
from vertikit.prepare.row_file import ROW, row_table, write_rows
from vertikit.recipe.model import PictureChoice
from vertikit.registry import Registry
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.examples import Examples, Indices


def pictured(
    task: Task,
    rows: Rows,
    choice: PictureChoice,
    folder: Path,
    *,
    targets: bool,
    registry: Registry,
    root: Callable[[int], Root],
    report: Callable[[str], None],
) -> Reshaped:
    """The usable rows with the pictures that they name; a row whose picture cannot be read is left out, with why.

    A mask that cannot be read, or is of another shape than the picture that it lies over, leaves its row out as well: a
    row without a mask would count as one with nothing to find. Without `targets` no mask is read. VertikitError where
    no picture can be read.
    """
    examples = rows.examples
    columns = [
        column
        for column in task.columns
        if isinstance(column, Image)
        and column.name in examples.table.column_names
        and (targets or not isinstance(column, Mask))
    ]
    bad: dict[int, str] = {}
    pictures: dict[str, Pictures] = {}
    report(f"reading {several(len(examples), 'picture')}")
    start = time.monotonic()
    for column in columns:
        found = read_pictures(
            examples.column(column.name), root, registry, choice, folder / f"{column.name}.pixels"
        )
        pictures[column.name] = found.pictures
        for at, why in found.bad.items():
            bad.setdefault(at, f"{_called(column)} {why}")
    for column in columns:
        if isinstance(column, Mask) and column.of in pictures:
            for at in _misfits(pictures[column.of], pictures[column.name]):
                bad.setdefault(at, f"its {column.name} is of another size than its {column.of}")
    seconds = time.monotonic() - start
    left = Left.of(rows)
    for at, why in sorted(bad.items()):
        left.add(at, why)
    kept = np.setdiff1d(np.arange(len(examples)), np.array(sorted(bad), np.int64))
    if not len(kept) and len(examples):
        ranked = sorted(bad.values(), key=lambda why: -list(bad.values()).count(why))
        raise VertikitError(
            f"none of the {several(len(examples), 'picture')} can be used: {ranked[0]}.",
            "Name where they lie with --root FOLDER_OR_ARCHIVE.",
        )
    lines, left_lines = left.lines(rows.position[kept])
    path = folder / EXAMPLES
    chosen = {name: each.take(kept) for name, each in pictures.items()}
    return Reshaped(
        task,
        _examples(examples, kept, chosen, path),
        path,
        lines,
        tuple(left.found),
        left_lines,
        tuple(_notes(chosen, seconds)),
    )


def _called(column: Image) -> str:
    return f"its {column.name}" if isinstance(column, Mask) else "its picture"


def _misfits(pictures: Pictures, masks: Pictures) -> list[int]:
    """Positions of examples whose mask has another size than their picture, as both are in their files."""
    both = np.flatnonzero(pictures.known & masks.known)
    same = (pictures.sizes[pictures.place[both]] == masks.sizes[masks.place[both]]).all(axis=1)
    return [int(at) for at in both[~same]]


def _examples(rows: Examples, kept: Indices, pictures: dict[str, Pictures], path: Path) -> Examples:
    """The kept rows in a table of their own."""
    import pyarrow as pa

    at = pa.array(kept)
    columns = {name: rows.chunks(name).take(at).combine_chunks() for name in rows.table.column_names}
    table = pa.table({**columns, ROW: pa.array(rows.rows[kept])})
    write_rows(path, table.schema, table.to_batches(10_000))
    return replace(rows.take(kept), table=row_table(path), pictures=pictures)


def _notes(pictures: dict[str, Pictures], seconds: float) -> list[str]:
    notes = []
    for name, each in pictures.items():
        used = np.unique(each.place[each.known])
        if not len(used):
            continue
        sizes = each.sizes[used]
        low, high = sizes.min(axis=0), sizes.max(axis=0)
        size = f"{low[1]:,} × {low[0]:,}" + ("" if (low == high).all() else f" to {high[1]:,} × {high[0]:,}")
        kinds, counts = np.unique(each.kinds[used].astype(str), return_counts=True)
        told = ", ".join(f"{count:,} {kind}" for kind, count in zip(kinds, counts, strict=True))
        notes.append(
            f"{name}: {several(int(each.known.sum()), 'picture')} ({told}) of {size} pixels, read in {seconds:.1f} s"
        )
        if cut := int((each.left_out[used] > 0).sum()):
            notes.append(
                f"{name}: {several(cut, 'file')} with more frames than pictures.frames, of which "
                f"{int(each.left_out[used].sum()):,} are left out"
            )
        if blank := sum(_blank(each, at) for at in used.tolist()):
            notes.append(
                f"{name}: {several(blank, 'picture')} of one even shade, in which there is nothing to see"
            )
    return notes


def _blank(pictures: Pictures, place: int) -> bool:
    found = pictures.picture(place)
    return bool((found == found.flat[0]).all())
