"""What a watch comes to: sentences, lines of a table, JSON."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vertikit.run.report.wording import Score, several
from vertikit.run.results import rounded

if TYPE_CHECKING:
    from vertikit.watch.comparing import Compared
    from vertikit.watch.quality import Quality
    from vertikit.watch.shares import Share
    from vertikit.watch.watching import Watched

SHOWN = 12
"""Measurements that the screen names."""
NAMED = 3


def sentences(found: Watched) -> Iterator[str]:
    """The verdict first, then what to know beside it."""
    yield verdict(found)
    for each in found.risen:
        yield f"! {each.name}: {_share(each)}"
    yield quality_told(found.quality)
    for note in found.notes:
        yield note + "."


def verdict(found: Watched) -> str:
    """What it comes to, in one sentence."""
    inputs = [each for each in found.moved if each.side != "answer"]
    answers = [each for each in found.moved if each.side == "answer"]
    against = []
    if found.trained:
        against.append(f"{found.trained:,} of training")
    against.append(f"{found.tested:,} test rows (answers)")
    rows = f"{found.watched:,} new {found.unit} against {' and '.join(against)}"
    count = several(len(found.compared) + len(found.shares), "comparison")
    looked = f"{count}, a false alarm in {found.alpha:.0%} of cases"
    if not found.alarms:
        return f"Nothing has moved beyond luck and by enough to count: {rows}; {looked}."
    told = []
    if found.quality.loses:
        told.append(f"quality has fallen ({found.quality.primary})")
    if inputs:
        told.append(f"{several(len(inputs), 'input measure')} moved: {_names(inputs)}")
    if answers:
        told.append(f"the answers moved: {_names(answers)}")
    if found.risen:
        told.append(
            f"{several(len(found.risen), 'share')} moved: {', '.join(_short(each) for each in found.risen[:NAMED])}"
        )
    return f"{_capital('; '.join(told))}. {_capital(rows)}; {looked}."


def quality_told(own: Quality) -> str:
    """The figure where labels have arrived, or why there is none."""
    if own.now is None or own.difference is None:
        return f"Quality: {own.why}."
    left = f", {own.known:,} that it has learnt from left out" if own.known else ""
    strange = f", {own.strange:,} with a label that it never learnt" if own.strange else ""
    judged = f"on {own.judged:,} labelled rows{left}{strange}"
    text = f"Quality: {own.primary} {Score.of(own.now).sentence} {judged}, {Score.of(own.then).sentence} in the test"
    if own.why:
        return f"{text}; {own.why}."
    lead, ends = own.difference["value"], own.difference["ci95"]
    shown = f"{lead:+.3f} ({ends[0]:+.3f} to {ends[1]:+.3f}), better where positive"
    if own.loses:
        return f"{text}: worse beyond luck, {shown}."
    word = "better beyond luck" if ends[0] > 0 else "no loss shown"
    return f"{text}: {word}, {shown}."


def lines(found: Watched) -> list[Sequence[str]]:
    """Lines of a table: what has moved, and the nearest to it."""
    shown = found.moved or found.compared[:NAMED]
    told: list[Sequence[str]] = []
    for each in shown[:SHOWN]:
        word = {"": "", "moderate": "moderate", "large": "LARGE"}[each.level]
        told.append(
            (
                each.name,
                f"{each.psi:.3f}",
                f"{each.chance:.3f}",
                _p(each.adjusted),
                "; ".join(filter(None, [word, each.words])),
            )
        )
    return told


def todo(found: Watched, run: str) -> Iterator[str]:
    """What someone who is woken by this does next."""
    moved = found.moved
    inputs = [each for each in moved if each.side == "input"]
    if unknown := [each for each in found.risen if each.kind == "unknown"]:
        yield f"{unknown[0].name}: kinds that training never had. See whether they are new or only spelt anew."
    if any(each.kind == "missing" for each in found.risen):
        yield "Values that are missing now: look at the source first; a feed that broke is mended there."
    if any(each.kind == "unusable" for each in found.risen):
        yield "Rows that cannot be used: `vertikit predict` says of each why, in its column error."
    if inputs:
        yield (
            f"Look at {_listed(inputs)} at the source: a unit, a coding, a device or a form that has changed is mended "
            "there; a population that has changed is not."
        )
    if not found.quality.loses and moved and found.quality.now is None:
        yield "Whether the answers still hold is not known: have some of these rows labelled, and watch again."
    if found.quality.loses or moved:
        yield (
            "Where the change is to stay: train again with rows of it. See first what the old run is worth there: "
            f"vertikit evaluate {shlex.quote(run)} --data LABELLED_ROWS"
        )


def as_json(found: Watched) -> dict[str, Any]:
    """The content of watch.json."""

    def compared(each: Compared) -> dict[str, Any]:
        own = {key: value for key, value in asdict(each).items() if key != "bundle"}
        return {**own, "shift": each.shift}

    def share(each: Share) -> dict[str, Any]:
        return {**asdict(each), "before": each.before, "after": each.after}

    told: dict[str, Any] = rounded(
        {
            "run": found.run,
            "task": found.task,
            "verdict": verdict(found),
            "alarm": found.alarms,
            "rows": {
                "read": found.read, "usable": found.usable, "again": found.again, "watched": found.watched,
                "trained": found.trained, "tested": found.tested,
            },
            "alpha": found.alpha,
            "psi": found.least,
            "since": found.since or None,
            "moved": [each.name for each in found.moved] + [each.name for each in found.risen],
            "compared": [compared(each) for each in found.compared],
            "shares": [share(each) for each in found.shares],
            "quality": {**asdict(found.quality), "told": quality_told(found.quality)},
            "notes": list(found.notes),
        }
    )  # fmt: skip
    return told


def _names(moved: Sequence[Compared]) -> str:
    told = [f"{each.name} (PSI {each.psi:.2f})" for each in moved[:NAMED]]
    further = len(moved) - NAMED
    return ", ".join(told) + (f" and {further:,} more" if further > 0 else "")


def _listed(moved: Sequence[Compared]) -> str:
    told = [each.name for each in moved[:NAMED]]
    return ", ".join(told) + (f" and {len(moved) - NAMED:,} more" if len(moved) > NAMED else "")


def _short(each: Share) -> str:
    if each.kind == "missing":
        return f"{each.name} missing ({each.after:.1%})"
    return (
        f"{each.name} never seen ({each.after:.1%})"
        if each.kind == "unknown"
        else f"{each.name} ({each.after:.1%})"
    )


def _share(each: Share) -> str:
    what = {"missing": "missing", "unknown": "of a kind that training never had"}.get(each.kind, "")
    before = "expected" if each.kind in ("unknown", "range") else "then"
    told = f"{each.after:.1%} now, {each.before:.1%} {before} (p, adjusted: {_p(each.adjusted)})"
    return f"{what} {told}".strip()


def _p(value: float) -> str:
    return "< 0.0001" if value < 0.0001 else f"{value:.4f}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
