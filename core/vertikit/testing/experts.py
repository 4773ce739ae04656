"""What an expert has to keep to (`vertikit.contracts.Expert`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.errors import VertikitError
from vertikit.testing.check import NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from vertikit.testing.made.rows import Made

ROWS = 96
NEAR = 1e-9
CUTS = (24, 48, 80)
"""Rows before these are the past."""

Values = Mapping[str, NDArray[np.float64]]


def _made(subject: Subject) -> Made:
    """The first rows of the kit of which it says anything; `NotApplicable` with its reasons where it says nothing."""
    from vertikit.testing.made.rows import KINDS, made

    def find() -> Made:
        reasons = []
        for kind in KINDS:
            rows = made(kind, ROWS)
            expert = subject.make()
            why = expert.begin(rows.task, rows.present)
            try:
                if not why and expert.columns():
                    expert.features(rows.examples, None)
            except VertikitError as error:
                why = error.what
            if not why:
                return rows
            reasons.append(f"{kind}: {why}")
        raise NotApplicable(f"it has nothing to say of the kit's rows ({'; '.join(reasons)})")

    found: Made = subject.once("made", find)
    return found


def _begun(subject: Subject) -> tuple[Any, Made]:
    rows, expert = _made(subject), subject.make()
    expert.begin(rows.task, rows.present)
    return expert, rows


def _features(expert: Any, rows: Made, truth: NDArray[np.object_] | None) -> Values:
    if not expert.columns():
        raise NotApplicable("it is not used for features")
    found = expert.features(rows.examples, truth)
    return {name: np.asarray(found[name], np.float64) for name in found}


def _away(one: Values, other: Values, rows: Any = slice(None), others: Any = slice(None)) -> str:
    """The first column in which values of those rows differ, or ""."""
    for name, values in one.items():
        if not np.allclose(values[rows], other[name][others], rtol=NEAR, atol=NEAR, equal_nan=True):
            return name
    return ""


@check("experts", "columns")
def columns(subject: Subject) -> None:
    """It gives the columns that it promises, numbers or NaN, one an example."""
    expert, rows = _begun(subject)
    found = _features(expert, rows, rows.truth)
    promised = [column.name for column in expert.columns()]
    expect(
        set(found) == set(promised),
        f"it promises {', '.join(promised[:4])} and gives {', '.join(list(found)[:4])}",
    )
    taken = set(promised) & set(rows.present)
    expect(not taken, f"column {min(taken, default='')!r} has the name of one of the data")
    for name, values in found.items():
        expect(values.shape == (ROWS,), f"{name}: {values.shape} values of {ROWS} examples")
        expect(not np.isinf(values).any(), f"{name} is infinite somewhere")
    expect(any(np.isfinite(values).any() for values in found.values()), "no value is known of any row")


@check("experts", "past")
def past(subject: Subject) -> None:
    """Rows that come later, gone or altered, change nothing of the rows before them."""
    expert, rows = _begun(subject)
    whole = _features(expert, rows, rows.truth)
    for cut in CUTS:
        before, later = np.arange(cut), np.arange(cut, ROWS)
        expert, _ = _begun(subject)
        alone = _features(expert, rows.take(before), rows.truth[:cut])
        differs = _away(whole, alone, before)
        expect(not differs, f"{differs} changes when later rows are taken away")
        altered = _altered(rows, later)
        expert, _ = _begun(subject)
        differs = _away(whole, _features(expert, altered, altered.truth), before, before)
        expect(not differs, f"{differs} changes when later rows are altered")


def _altered(rows: Made, at: NDArray[np.int64]) -> Made:
    """Those rows with other numbers, names and readings."""
    from dataclasses import replace

    table = rows.examples.table
    changed: dict[str, Any] = {}
    for column in rows.task.inputs:
        if column.name not in table.column_names:
            continue
        values: list[Any] = list(rows.examples.column(column.name))
        for each in at:
            if isinstance(values[each], float):
                values[each] = 7.0 * values[each] + 1
            elif isinstance(values[each], str):  # times are whole numbers: what comes later stays later
                values[each] += " wheel"
        changed[column.name] = values
    cards = rows.examples.column("card")
    for each in at[::2]:
        cards[each] = cards[0]
    other = rows.with_columns(**changed, card=cards)
    windows = rows.examples.windows
    if windows is None:
        return other
    readings = windows.readings.copy()
    readings[windows.start[at[0]] :] *= -3.0
    return replace(other, examples=replace(other.examples, windows=replace(windows, readings=readings)))


@check("experts", "own truth")
def own_truth(subject: Subject) -> None:
    """What a row turned out to be changes nothing of it, nor of the rows before it."""
    from vertikit.testing.made.rows import OTHER, TARGET

    expert, rows = _begun(subject)
    whole = _features(expert, rows, rows.truth)
    for cut in CUTS:
        truth = rows.truth
        truth[cut:] = [OTHER if each == TARGET else TARGET for each in truth[cut:]]
        expert, _ = _begun(subject)
        differs = _away(whole, _features(expert, rows, truth), slice(cut + 1), slice(cut + 1))
        expect(not differs, f"{differs} of a row changes with its own truth, or a later one")


@check("experts", "target")
def target(subject: Subject) -> None:
    """The target's own column is not read: a truth is known late, and comes by itself."""
    from vertikit.testing.made.rows import OTHER, TARGET

    expert, rows = _begun(subject)
    whole = _features(expert, rows, rows.truth)
    expert, _ = _begun(subject)
    other = rows.with_columns(**{TARGET: [OTHER] * ROWS})
    differs = _away(whole, _features(expert, other, rows.truth))
    expect(not differs, f"{differs} changes with the column of the target")


@check("experts", "order")
def order(subject: Subject) -> None:
    """The order in which rows are listed changes nothing: what counts is their time."""
    expert, rows = _begun(subject)
    whole = _features(expert, rows, rows.truth)
    mixed = np.random.default_rng(2).permutation(ROWS)
    expert, _ = _begun(subject)
    found = _features(expert, rows.take(mixed), rows.truth[mixed])
    differs = _away(whole, found, mixed)
    expect(not differs, f"{differs} changes with the order of the rows")


@check("experts", "memory")
def memory(subject: Subject) -> None:
    """What is remembered and then asked is what it gives of all rows at once, and remembering twice changes nothing."""
    cut = CUTS[1]
    expert, rows = _begun(subject)
    whole = _features(expert, rows, rows.truth)
    before, later = rows.take(np.arange(cut)), rows.take(np.arange(cut, ROWS))
    for times in (1, 2):
        expert, _ = _begun(subject)
        for _ in range(times):
            expert.remember(before.examples, before.truth)
        found = _features(expert, later, later.truth)
        differs = _away(whole, found, slice(cut, None))
        told = "the past was remembered" if times == 1 else "the past was remembered twice"
        expect(not differs, f"{differs} is other when {told} than when all rows are there")


@check("experts", "save")
def save(subject: Subject) -> None:
    """What was saved and read back knows the same."""
    from vertikit.fitted_store import load_fitted, save_fitted

    cut = CUTS[1]
    expert, rows = _begun(subject)
    before, later = rows.take(np.arange(cut)), rows.take(np.arange(cut, ROWS))
    expert.remember(before.examples, before.truth)
    save_fitted(subject.folder, "expert", expert)
    other, _ = _begun(subject)
    load_fitted(subject.folder, "expert", other)
    differs = _away(_features(expert, later, None), _features(other, later, None))
    expect(not differs, f"{differs} differs after it was read back")


@check("experts", "rulings")
def rulings(subject: Subject) -> None:
    """Bounds that it holds are between 0 and 1, the lower below the higher, with a reason where they say something."""
    expert, rows = _begun(subject)
    held = set(expert.use) & {"constraint", "veto"}
    labels = (rows.task.target.name, "other")
    found = expert.rulings(rows.examples, labels)
    if not held:
        expect(found is None, "it is used for features alone, and holds something")
        raise NotApplicable("it is used for features alone")
    expect(found is not None, "it is used to bound answers, and holds nothing")
    expect(found.lowest.shape == found.highest.shape == (ROWS, 2), f"bounds are {found.lowest.shape}")
    inside = (found.lowest >= 0) & (found.lowest <= found.highest) & (found.highest <= 1)
    expect(inside.all(), "a bound is outside 0 to 1, or the lower is above the higher")
    says = ((found.lowest > 0) | (found.highest < 1)).any(axis=1)
    expect(all(str(each).strip() for each in found.reasons[says]), "an answer is bounded without a reason")


CHECKS = (
    built("experts", ("use", "begin", "columns", "features", "rulings", "remember", "state", "load")),
    columns, past, own_truth, target, order, memory, save, rulings,
    refuses("experts"),
)  # fmt: skip
