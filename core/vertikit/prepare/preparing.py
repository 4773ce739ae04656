"""The stage as a whole: read, clean, check for leaks, split."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.contracts import BadRow
from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.classes import alike, check_is_class, rare, unseen
from vertikit.prepare.duplicates import first_of_each, text_codes
from vertikit.prepare.fingerprint import fingerprint
from vertikit.prepare.ids import check_ids
from vertikit.prepare.leaks import Leaks, conflicts
from vertikit.prepare.mapping import check_mapping
from vertikit.prepare.near_duplicates import near_duplicates
from vertikit.prepare.overlap import OUTSIDE, TRAIN, overlap, repeats, uses_by_fold, uses_by_part
from vertikit.prepare.prepared import Prepared, Sources
from vertikit.prepare.quarantine import check_share
from vertikit.prepare.reading import read_parts
from vertikit.prepare.row_file import keep_rows
from vertikit.prepare.splitting import few_labelled, split_examples
from vertikit.recipe.model import Recipe
from vertikit.registry import Registry
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Fold, Indices
    from vertikit.prepare.overlap import Reasons
    from vertikit.prepare.prepared import Source


def prepare(
    task: Task,
    sources: Sources,
    recipe: Recipe,
    registry: Registry,
    folder: Path,
    report: Callable[[str], None],
) -> Prepared:
    """From the user's sources to clean, leak-free, split examples, with an account of every other row.

    Args:
        folder: exists, private, empty; the table is kept there, memory-mapped, as long as it is used.
        report: is told how far the work is, a line at a time.

    Raises:
        VertikitError: the data cannot be trained on; UsageError where the request is at fault.
    """
    import numpy as np

    check_mapping(task, sources.mapping)
    rows = read_parts(
        task, _parts(sources), sources.mapping, sources.drop, registry, folder, targets=True, report=report
    )
    check_share(rows.bad, rows.read, recipe.cleaning.max_quarantined)
    every = rows.examples
    check_ids(task, rows.columns.get(task.id.name) if task.id else None, every)
    target = task.target
    classes = np.array(every.column(target.name), object)
    check_is_class(target, rows.columns[target.name], classes)

    report("looking for duplicates and leaks")
    codes = text_codes(task, every)
    leaks = Leaks(conflicts(every, codes, classes))
    aside: dict[int, str] = {}
    uses = uses_by_part(every)
    if not recipe.allow_leaks:
        aside.update(leaks.conflicts)
        uses[list(aside)] = OUTSIDE
        leaks.add(overlap(every, codes, uses))
        uses[list(leaks.removable())] = OUTSIDE
    if not np.any(uses == TRAIN):
        raise VertikitError(
            "no training rows are left: all of them repeat rows of a validation or test part, or share a group with one.",
            "Give other rows for training; --allow-leaks keeps these, and the figures then say little.",
        )
    aside |= unseen(target, classes, uses)
    uses[list(aside)] = OUTSIDE
    aside |= rare(target, classes, codes, uses, recipe.cleaning)
    uses[list(aside)] = OUTSIDE
    quarantine = (*rows.bad, *_bad_rows(every, aside))
    check_share(quarantine, rows.read, recipe.cleaning.max_quarantined)
    check_is_class(target, rows.columns[target.name], classes[uses == TRAIN])

    usable = np.flatnonzero(uses > OUTSIDE)
    first = np.arange(len(usable)) if recipe.allow_leaks else first_of_each(codes[usable])
    name, folds = split_examples(
        task, every.take(usable), classes[usable], first, recipe.split, recipe.seed, registry
    )
    treated = [
        _treated(task, _mapped(fold, usable), every, codes, classes, recipe, leaks) for fold in folds
    ]
    kept = np.ones(len(every), bool)
    kept[list(aside)] = False
    place = np.cumsum(kept) - 1
    removed = {} if recipe.allow_leaks else leaks.removable()
    return Prepared(
        task=task,
        columns=rows.columns,
        unused=rows.unused,
        examples=every if kept.all() else _kept(every, kept, folder),
        folds=tuple(_mapped(fold, place) for fold in treated),
        labels={target.name: tuple(sorted(set(classes[_learnt(treated)])))},
        quarantine=quarantine,
        removed=tuple(_bad_rows(every, removed)),
        leaks=leaks.report(codes, kept=recipe.allow_leaks),
        split=name,
        fingerprint=fingerprint(every),
        read=rows.read,
        notes=(*rows.notes, *_notes(target, classes, treated)),
    )
