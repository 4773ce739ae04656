"""Pictures themselves as data: a folder or an archive with a folder a class, and stacks of arrays with their labels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from vertikit import UsageError, VertikitError
from vertikit.contracts import Loaded
from vertikit.errors import did_you_mean
from vertikit.prepare.archives import open_archive
from vertikit.prepare.row_file import row_schema, string_batches, write_rows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
STACKS = ".npz"
PARTS = frozenset({"train", "training", "valid", "val", "validation", "test", "testing"})
PASSED_OVER = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
COLUMNS = ("image", "label")
IMAGES, LABELS = "_images", "_labels"


class PictureLoader:
    """Rows with the columns `image`, a path inside, and `label`, the folder that it lies in.

    Every file is a row, so that one that is no picture is told and not lost; hidden ones, and what systems leave
    behind, are passed over. Of an `.npz` with arrays `train_images` and `train_labels`, `FILE.npz#train` is a source.
    """

    modality = "image"

    def reads(self, source: str) -> bool:
        if "://" in source:
            return False
        return Path(source).is_dir() or _path_of(source).name.lower().endswith((*ARCHIVES, STACKS))

    def load(self, source: str, folder: Path) -> Loaded:
        path = _path_of(source)
        if path.name.lower().endswith(STACKS) and not path.is_dir():
            rows = list(_stacked(path, source))
        else:
            rows = list(_files(path))
        if not rows:
            raise VertikitError(
                f"{source} holds no files.", "Name the folder or archive that the pictures lie in."
            )
        target = folder / "rows.arrow"
        write_rows(target, row_schema(COLUMNS), string_batches(COLUMNS, enumerate(rows, 1)))
        return Loaded(target, COLUMNS, root=str(path))


def _path_of(source: str) -> Path:
    """Of `stacks.npz#train`, the file; a path that is there with a # in its name is itself."""
    path = Path(source)
    return path if "#" not in source or path.exists() else Path(source.rpartition("#")[0])


def _files(path: Path) -> Iterator[list[str | None]]:
    names = sorted(_listed(path))
    tops = {PurePosixPath(name).parts[0].lower() for name in names if len(PurePosixPath(name).parts) > 2}
    if tops and tops <= PARTS:
        named = sorted(tops, key=lambda top: not top.startswith("train"))
        parts = " ".join(f"--{_option(top)} {path / top}" for top in named)
        raise UsageError(f"{path} holds the parts {', '.join(sorted(tops))}.", f"Name each of them: {parts}")
    for name in names:
        above = PurePosixPath(name).parent
        yield [name, above.name or None]


def _option(top: str) -> str:
    """Of the command line, for a part of that name."""
    return "data" if top.startswith("train") else "valid" if top.startswith("val") else "test"


def _listed(path: Path) -> Iterator[str]:
    if path.is_dir():
        for top, folders, files in os.walk(path):
            folders[:] = sorted(each for each in folders if not _is_left_behind(each))
            inside = Path(top).relative_to(path)
            yield from ((inside / each).as_posix() for each in files if not _is_left_behind(each))
        return
    archive = open_archive(path)
    if archive is None:
        raise VertikitError(f"{path} is no archive, or a damaged one.", "Copy it again, or name another.")
    yield from (
        name for name in archive.names if not any(_is_left_behind(part) for part in PurePosixPath(name).parts)
    )


def _is_left_behind(name: str) -> bool:
    return (name.startswith(".") and name not in (".", "..")) or name.lower() in PASSED_OVER


def _stacked(path: Path, source: str) -> Iterator[list[str | None]]:
    import numpy as np

    try:
        arrays = np.load(path, allow_pickle=False)
        names = list(arrays.files)
    except (OSError, ValueError) as error:
        raise VertikitError(
            f"{path} is no archive of arrays, or a damaged one.", "Save it with numpy.savez."
        ) from error
    with arrays:
        parts = [name.removesuffix(IMAGES) for name in names if name.endswith(IMAGES)]
        part = source.rpartition("#")[2] if str(path) != source else ""
        if not part and len(parts) == 1:
            part = parts[0]
        if not parts:
            raise UsageError(
                f"{path} has no array whose name ends in {IMAGES}; it has {', '.join(names[:10])}.",
                "Name the pictures in a table: --data TABLE.csv --root FILE.npz, with cells such as name[3].",
            )
        if part not in parts:
            each = " and ".join(f"{path}#{name}" for name in parts)
            what = f"has no part {part!r}" if part else "has several parts"
            raise UsageError(
                f"{path} {what}.", f"Name one: {each}" if not part else did_you_mean(part, parts)
            )
        count = len(arrays[f"{part}{IMAGES}"])
        labels = _labels(arrays[f"{part}{LABELS}"], count) if f"{part}{LABELS}" in names else [None] * count
    yield from ([f"{part}{IMAGES}[{at}]", label] for at, label in enumerate(labels))


def _labels(found: NDArray[np.generic], count: int) -> list[str | None]:
    if found.size != count:
        raise VertikitError(
            f"the array of labels has shape {list(found.shape)}, and there are {count:,} pictures.",
            "One label a picture is read; several go into a table.",
        )
    return [str(label) for label in found.reshape(-1).tolist()]
