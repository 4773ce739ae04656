"""The stage as a whole: read, clean, check for leaks, split."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.contracts import BadRow
from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.classes import check_sought
from vertikit.prepare.duplicates import first_of_each, text_codes
from vertikit.prepare.fingerprint import fingerprint
from vertikit.prepare.folds import leak_free, without_shared_readings
from vertikit.prepare.giveaway import check_giveaways
from vertikit.prepare.ids import check_ids, repeated_rows
from vertikit.prepare.judged_only import judged_only, tested_too
from vertikit.prepare.leaks import Leaks, conflicts
from vertikit.prepare.mapping import check_mapping
from vertikit.prepare.overlap import OUTSIDE, TRAIN, may_be_known, overlap, uses_by_part
from vertikit.prepare.pictures.keeping import look_alikes
from vertikit.prepare.prepared import Prepared, Sources
from vertikit.prepare.quarantine import check_share
from vertikit.prepare.reading import read_parts
from vertikit.prepare.remarks import both_sides, empty_answers
from vertikit.prepare.reshape import reshape
from vertikit.prepare.roots import roots_of
from vertikit.prepare.row_file import keep_rows, row_table
from vertikit.prepare.scales import check_one_scale
from vertikit.prepare.splitting import split_examples
from vertikit.recipe.model import Recipe
from vertikit.registry import Registry
from vertikit.task import Task

UNLABELLED = "without a label: they feed histories alone"

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples
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

    task = task.scaled(**recipe.scale.model_dump()).judging(**recipe.oddness.model_dump())
    check_mapping(task, sources.mapping)
    windowed = recipe.reshape.window is not None or task.target.ahead
    rows = read_parts(
        task,
        _parts(sources),
        sources.mapping,
        sources.drop,
        registry,
        folder,
        targets=True,
        types=sources.types,
        # In windows, and in the histories that experts look at, rows stand whose label is not known.
        unlabelled=windowed or (bool(recipe.experts) and task.time is not None),
        report=report,
    )
    declared = {column.name for column in task.columns}
    check_share(rows.bad, rows.read, recipe.cleaning.max_quarantined)
    reshaped = reshape(
        rows.task,
        rows,
        recipe.reshape,
        folder,
        targets=True,
        registry=registry,
        pictures=recipe.pictures,
        root=roots_of(sources.root, rows.places, rows.examples),
        report=report,
    )
    in_windows = reshaped.examples.windows is not None
    lines = rows.examples if in_windows else reshaped.examples
    aside: dict[int, str] = repeated_rows(rows.task, lines)
    check_ids(rows.task, rows.columns.get(task.id.name) if task.id else None, lines, aside)
    if in_windows:
        aside = {}  # rows of one time are told apart where they are put in order
    task, every = reshaped.task, reshaped.examples
    target = task.target
    unlabelled = np.flatnonzero(every.codes(target.name) < 0)
    if task.time is None or task.time.name not in rows.columns:
        # Without a time they have no place in the histories that an expert looks at.
        aside |= dict.fromkeys(unlabelled.tolist(), f"{target.name} is missing")
    outcome = target.outcome(every.values(target.name)[every.part == ""])
    truth = outcome.truth(every, target.name)
    check_one_scale(task, outcome, truth, every)
    file_column = rows.columns.get(target.name, target.name)
    outcome.check(target, file_column, np.delete(truth, unlabelled, axis=0))
    strata = outcome.strata(truth)

    report("looking for duplicates and leaks")
    codes = text_codes(task, every)
    leaks = Leaks(conflicts(every, codes, outcome.conflicting(codes, truth)))
    uses = uses_by_part(every)
    uses[list(aside)] = uses[unlabelled] = OUTSIDE
    if not recipe.allow_leaks:
        aside.update(leaks.conflicts)
        uses[list(aside)] = OUTSIDE
        leaks.add(overlap(every, codes, uses, may_be_known(task, None, every)))
        uses[list(leaks.removable())] = OUTSIDE
    if not np.any(uses == TRAIN):
        raise VertikitError(
            "no training rows are left: all repeat a row of a validation or test part, or share a group with one.",
            "Give other rows for training; --allow-leaks keeps these, and the figures then say little.",
        )
    aside |= outcome.unusable(target, truth, codes, uses, recipe.cleaning)
    uses[list(aside)] = OUTSIDE
    quarantine = (*reshaped.left, *_bad_rows(every, aside))
    _check_parts(sources, every, uses)
    check_share(quarantine, rows.read, recipe.cleaning.max_quarantined)
    outcome.check(target, file_column, truth[uses == TRAIN])

    every, together, alike_notes = look_alikes(task, every, truth, recipe)
    usable = np.flatnonzero(uses > OUTSIDE)
    usable, tested, unlearnt = judged_only(together, outcome.learns(truth), usable)
    first = np.arange(len(usable)) if recipe.allow_leaks else first_of_each(codes[usable])
    dealt = recipe.seed if recipe.split.seed is None else recipe.split.seed
    name, folds = split_examples(
        task, together.take(usable), strata[usable], first, recipe.split, dealt, registry
    )
    folds = [tested_too(fold.each(lambda part: usable[part]), tested, unlearnt) for fold in folds]
    folds = [without_shared_readings(fold, every) for fold in folds]
    feeding = np.setdiff1d(unlabelled, list(aside))
    if len(feeding):
        folds = [replace(fold, outside={**fold.outside, UNLABELLED: feeding}) for fold in folds]
    folds = [leak_free(task, fold, every, codes, strata, recipe, leaks) for fold in folds]
    for fold in folds:
        check_sought(target, fold, strata)
    further = [column for column in task.inputs if column.name not in declared]
    giveaways = check_giveaways(task, further, every, strata, folds[0].train, allowed=recipe.allow_leaks)
    notes = [
        *rows.notes,
        *reshaped.notes,
        *alike_notes,
        *giveaways,
        *outcome.notes(target, folds, truth),
        *empty_answers(task, outcome, every, truth),
        *both_sides(task, every, folds),
    ]

    kept = np.ones(len(every), bool)
    kept[list(aside)] = False
    place = np.cumsum(kept) - 1
    return Prepared(
        task=task,
        columns=rows.columns,
        unused=rows.unused,
        examples=every if kept.all() else _kept(every, kept, reshaped.path),
        folds=tuple(fold.each(lambda part: place[part]) for fold in folds),
        outcome=outcome.learnt(folds, truth, target, every),
        quarantine=quarantine,
        removed=() if recipe.allow_leaks else _bad_rows(every, leaks.removable()),
        leaks=leaks.report(codes, kept=recipe.allow_leaks),
        split=name,
        fingerprint=fingerprint(every),
        read=rows.read,
        notes=tuple(notes),
        further={
            column.name: column.type_name for column in rows.task.columns if column.name not in declared
        },
        channels=reshaped.channels,
    )


def _parts(sources: Sources) -> list[tuple[str, Sequence[Source]]]:
    if not sources.data:
        raise UsageError("no training data was named.", "Name it with --data FILE.")
    wrong = {"", "valid"} & set(sources.tests)
    if wrong:
        raise UsageError(
            f"a test part cannot be called {wrong.pop()!r}.", "Give it another name: --test NAME=FILE"
        )
    parts = [("", sources.data), ("valid", sources.valid), *sources.tests.items()]
    return [(part, each) for part, each in parts if each]


def _check_parts(sources: Sources, examples: Examples, uses: NDArray[np.int8]) -> None:
    """A part that the user gave and of which nothing is left: another split in its place would be another test."""
    for part, given in _parts(sources):
        if part and not ((examples.part == part) & (uses > OUTSIDE)).any():
            names = ", ".join(each if isinstance(each, str) else "rows in memory" for each in given)
            raise VertikitError(
                f"no row of the part {part!r} ({names}) can be used: each lacks a text or a label, or its label "
                "does not occur in training.",
                "Mend its rows, or leave the part out.",
            )


def _bad_rows(examples: Examples, reasons: Reasons) -> tuple[BadRow, ...]:
    return tuple(
        BadRow(int(examples.rows[at]), reasons[at], source=examples.source[at]) for at in sorted(reasons)
    )


def _kept(examples: Examples, kept: NDArray[np.bool_], path: Path) -> Examples:
    """The examples where `kept` holds, in a table of their own: one with an index of rows is slow to read."""
    import numpy as np

    usable = path.with_name("usable.arrow")
    keep_rows(path, kept, usable)
    table = row_table(usable)
    return replace(examples.take(np.flatnonzero(kept)), table=table)
