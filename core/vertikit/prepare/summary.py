"""What preparation did, for the screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from vertikit.prepare.places import several
from vertikit.prepare.prepared import LeakReport, Prepared
from vertikit.prepare.quarantine import count_reasons

if TYPE_CHECKING:
    from vertikit.examples import Fold, Indices

MOST_LINES = 10
"""Reasons and classes that are listed by themselves; the others are counted."""


def describe(prepared: Prepared) -> list[str]:
    """Plain lines: rows and what became of them, leaks, the split with its parts, the target.

    Values of private columns never stand in them.
    """
    return [
        *_rows(prepared),
        *_leaks(prepared.leaks),
        *_split(prepared),
        *_target(prepared),
        *(f"note: {note}" for note in prepared.notes),
    ]


def _rows(prepared: Prepared) -> Iterator[str]:
    columns = ", ".join(f"{name} = {column}" for name, column in prepared.columns.items())
    yield f"columns: {columns}"
    if prepared.unused:
        names = ", ".join(prepared.unused[:MOST_LINES]) + (", …" if len(prepared.unused) > MOST_LINES else "")
        yield f"columns that nothing reads: {names}"
    yield (
        f"rows: {prepared.read:,} read, {len(prepared.quarantine):,} quarantined, "
        f"{len(prepared.removed):,} taken out as leaks, {len(prepared.examples) - len(prepared.removed):,} usable"
        + (" examples" if prepared.examples.windows is not None else "")
    )
    reasons = count_reasons(prepared.quarantine)
    for reason, count in reasons[:MOST_LINES]:
        yield f"  quarantined: {count:,} × {reason}"
    if len(reasons) > MOST_LINES:
        yield f"  quarantined: {sum(count for _, count in reasons[MOST_LINES:]):,} for other reasons"


def _leaks(leaks: LeakReport) -> Iterator[str]:
    fate = "KEPT, as --allow-leaks asks" if leaks.kept else "taken out"
    if leaks.conflicting:
        aside = "KEPT, as --allow-leaks asks" if leaks.kept else "quarantined"
        yield (
            f"leaks: {several(leaks.conflicting)} with {several(leaks.conflicting_texts, 'text')} that "
            f"several labels are given to: {aside}"
        )
    if leaks.across:
        yield f"leaks: {several(leaks.across)} with a text that a part judging them has too: {fate}"
    if leaks.inside:
        yield f"leaks: {several(leaks.inside)} with a text that the training part has already: {fate}"
    if leaks.group_rows:
        yield (
            f"leaks: {several(leaks.group_rows)} of {several(leaks.groups_across, 'group')} that a part "
            f"judging them has too: {fate}"
        )
    if leaks.near:
        yield (
            f"warning: {several(leaks.near, 'training row')} nearly like a validation or test row "
            "(counted, not taken out)"
        )
    if not any((leaks.conflicting, leaks.across, leaks.inside, leaks.group_rows, leaks.near)):
        yield "leaks: none found (copies, near copies, conflicting labels, groups on two sides)"


def _split(prepared: Prepared) -> Iterator[str]:
    if prepared.task.time is not None and prepared.examples.span is None:
        name = prepared.task.time.name
        yield f"no {name}: the test is of the same days as training, so how the model ages is not seen"
    for number, fold in enumerate(prepared.folds, start=1):
        which = f", fold {number} of {len(prepared.folds)}" if len(prepared.folds) > 1 else ""
        yield f"split: {prepared.split}{which}"
        for name, part in _parts(fold):
            yield f"  {name}: {several(len(part))}{_groups(prepared, part)}"
        for why, part in fold.outside.items():
            yield f"  left out: {several(len(part))} {why}"
        if fold.refit:
            yield (
                "  few labelled rows: epochs are fixed, calibration and thresholds come out of fold, "
                "and the model is trained on train and valid together"
            )


def _parts(fold: Fold) -> Iterator[tuple[str, Indices]]:
    yield "train", fold.train
    yield "valid", fold.valid
    if fold.calibrate is not fold.valid and fold.calibrate.tolist() != fold.valid.tolist():
        yield "calibrate", fold.calibrate
    for name, part in fold.tests.items():
        yield (name if name == "test" else f"test {name!r}"), part


def _groups(prepared: Prepared, part: Indices) -> str:
    groups = prepared.examples.group
    if groups is None:
        return ""
    counts = Counter(groups[part].tolist())
    alone = counts.pop(None, 0)
    return f", {several(len(counts) + alone, 'group')}"


def _target(prepared: Prepared) -> Iterator[str]:
    target = prepared.task.target
    fold = prepared.folds[0]
    truth = prepared.outcome.truth(prepared.examples, target.name)
    yield from prepared.outcome.lines(target, {name: truth[part] for name, part in _parts(fold)})
