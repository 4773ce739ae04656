"""What came of it, in one sentence for a reader who knows the trade and no statistics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_ABBREVIATED = 4
Kind = Literal["better", "tied", "worse", "no-skill", "unjudged"]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What was judged on: how many rows, of how many groups, and whether training had seen any of them.

    Args:
        known: whether training knows all their groups.
        later: whether they are of a later time than all training rows, of groups that these may have too.
        unit: the plural of what a row is. groups_name: the singular of what a group is ("patient").
    """

    rows: int
    unit: str = "rows"
    groups: int | None = None
    groups_name: str = "group"
    unseen: bool = True
    later: bool = False
    known: bool = False

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.rows == 1 else self.unit
        text = f"On {self.rows:,} {unit}"
        if self.known and self.groups is not None:
            new = " it has never seen, of" if self.unseen else " of"
            names = f"{self.groups_name}{'' if self.groups == 1 else 's'}"
            return f"{text}{new} {self.groups:,} {names} that training knows"
        if self.groups is not None:
            text += f" of {self.groups:,} {self.groups_name}{'' if self.groups == 1 else 's'}"
        if self.later:
            return f"{text}, later than all it has learnt from"
        return f"{text} it has never seen" if self.unseen else text


@dataclass(frozen=True)
class Against:
    """The model beside something else: its name and value, and `paired_difference` to it."""

    name: str
    value: float
    difference: Mapping[str, Any]


def verdict(
    rows: Rows,
    metric: str,
    value: float | None,
    best: Against | None,
    chances: Sequence[Against] = (),
    *,
    higher_is_better: bool = True,
    why: str = "",
) -> tuple[Kind, str]:
    """(kind, sentence).

    `value` is the model's, `best` the best baseline, `chances` what is reached without looking at the input.
    no-skill: the interval of the difference to one of `chances` reaches zero or lies below. better, worse: that
    of the difference to `best` lies above or below zero. tied: it holds zero, or there is no interval.
    unjudged: no baseline, or no value; `why` says more of that.
    """
    name, subject = metric_title(metric), f"{rows}, the adapted model"
    if value is None:
        return "unjudged", f"{subject} cannot be judged: {why or f'{name} is not defined there'}."
    chance = next((each for each in chances if each.difference.get("ci95", [1.0])[0] <= 0), None)
    if chance is not None:
        figures = _figures(name, value, chance, higher_is_better)
        return "no-skill", (
            f"{subject} shows no skill: it is not shown to be better than {chance.name}, "
            f"with {figures} ({_span(value, chance)}); do not rely on it."
        )
    if best is None or best.difference.get("value") is None:
        return "unjudged", (
            f"{subject} reaches {name} {value:.2f}, but no baseline was judged beside it, so whether that is "
            "good cannot be said."
        )
    against, figures = f"the best baseline ({best.name})", _figures(name, value, best, higher_is_better)
    if "ci95" not in best.difference:
        why = str(best.difference.get("why", "no interval was asked for")).removeprefix("no interval: ")
        return "tied", (
            f"{subject} cannot be told apart from {against}: {figures} that may be luck ({why}), "
            "so neither is shown to be better."
        )
    low, high = best.difference["ci95"]
    if low == high == 0:
        sentence = (
            f"{subject} answers just as {against} does, with {name} {value:.2f}: it adds nothing to it."
        )
        return "tied", sentence
    span = _span(value, best)
    if low > 0:
        return "better", f"{subject} does better than {against}: {figures}, beyond luck ({span})."
    if high < 0:
        sentence = f"{subject} does worse than {against}: {figures}, beyond luck ({span}); use the baseline."
        return "worse", sentence
    return "tied", (
        f"{subject} cannot be told apart from {against}: {figures} that may be luck ({span}), "
        "so neither is shown to be better."
    )


def metric_title(name: str) -> str:
    """A metric's name as a sentence has it: `macro_f1` is "macro F1", `qwk`, too short for a word, "QWK"."""
    if name.isalpha() and len(name) <= _ABBREVIATED:
        return name.upper()
    return re.sub(r"\b[a-z]\d\b", lambda match: match.group().upper(), name.replace("_", " "))


def _figures(metric: str, value: float, other: Against, higher_is_better: bool) -> str:
    digits = _digits(value, other.value, other.difference["value"], other.difference.get("ci95", ()))
    direction = "" if higher_is_better else " (lower is better; a difference above zero favours the model)"
    return (
        f"{metric} {value:.{digits}f} against {other.value:.{digits}f}{direction}, "
        f"a difference of {_signed(other.difference['value'], digits)}"
    )


def _span(value: float, other: Against) -> str:
    low, high = other.difference["ci95"]
    digits = _digits(value, other.value, other.difference["value"], (low, high))
    return f"95 % interval {_signed(low, digits)} to {_signed(high, digits)}"


def _signed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _digits(value: float, baseline: float, difference: float, bounds: Sequence[float]) -> int:
    """Decimals, from 2 to 4: enough for the figures to add up, and for none but zero to look like zero."""
    for digits in (2, 3):
        apart = abs(round(value, digits) - round(baseline, digits))
        adds_up = round(apart, digits) == round(abs(difference), digits)
        if adds_up and all(number == 0 or round(number, digits) != 0 for number in (difference, *bounds)):
            return digits
    return 4
