"""What came of it, in one sentence for a reader who knows the trade and no statistics."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["better", "tied", "worse", "no-skill", "unjudged"]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """What was judged on: how many rows, of how many groups, and whether training had seen any of them.

    Args:
        unit: the plural of what a row is. groups_name: the singular of what a group is ("patient").
    """

    rows: int
    unit: str = "rows"
    groups: int | None = None
    groups_name: str = "group"
    unseen: bool = True

    def __str__(self) -> str:
        unit = self.unit.removesuffix("s") if self.rows == 1 else self.unit
        text = f"On {self.rows:,} {unit}"
        if self.groups is not None:
            text += f" of {self.groups:,} {self.groups_name}{'' if self.groups == 1 else 's'}"
        return f"{text} it has never seen" if self.unseen else text


@dataclass(frozen=True)
class Against:
    """The model beside one baseline: the baseline's name and value, and `paired_difference` to it."""

    name: str
    value: float
    difference: Mapping[str, Any]


def verdict(
    rows: Rows,
    metric: str,
    value: float | None,
    best: Against | None,
    chance: Against | None = None,
    *,
    higher_is_better: bool = True,
) -> tuple[Kind, str]:
    """(kind, sentence).

    `value` is the model's, `best` the best baseline, `chance` the one that never looks at its input (see
    `comparing.sees_nothing`); they may be the same. no-skill: the interval of the difference to `chance`
    reaches zero or lies below. better, worse: the interval of the difference to `best` lies above or below
    zero. tied: it holds zero, or there is no interval. unjudged: no baseline, or no value.
    """
    name = metric_title(metric)
    if value is None:
        return "unjudged", f"{rows}, {name} is not defined, so the adapted model cannot be judged."
    if chance is not None and "ci95" in chance.difference and chance.difference["ci95"][0] <= 0:
        figures = _figures(name, value, chance, higher_is_better)
        return "no-skill", (
            f"{rows}, the adapted model shows no skill, that is, it is not better than giving every row the "
            f"same answer ({chance.name}): {figures} ({_range(value, chance)}): do not rely on it."
        )
    if best is None or best.difference.get("value") is None:
        digits = _digits(value, value, 0.0, ())
        return "unjudged", (
            f"{rows}, the adapted model reaches {name} {value:.{digits}f}; no baseline was judged beside it, so "
            "whether that is good cannot be said."
        )
    figures = _figures(name, value, best, higher_is_better)
    against = f"the best baseline ({best.name})"
    if "ci95" not in best.difference:
        why = str(best.difference.get("why", "no interval was asked for")).removeprefix("no interval: ")
        return "tied", (
            f"{rows}, the adapted model cannot be told apart from {against}: {figures} that may be luck "
            f"({why}), so neither is shown to be better."
        )
    low, high = best.difference["ci95"]
    span = _range(value, best)
    if low > 0:
        return "better", (
            f"{rows}, the adapted model does better than {against}: {figures}, more than luck explains ({span})."
        )
    if high < 0:
        return "worse", (
            f"{rows}, the adapted model does worse than {against}: {figures}, more than luck explains ({span}): "
            "use the baseline."
        )
    return "tied", (
        f"{rows}, the adapted model cannot be told apart from {against}: {figures} that may be luck ({span}), "
        "so neither is shown to be better."
    )


def metric_title(name: str) -> str:
    """A metric's name as a sentence has it: `macro_f1` is "macro F1"."""
    return re.sub(r"\b[a-z]\d\b", lambda match: match.group().upper(), name.replace("_", " "))


def _figures(metric: str, value: float, other: Against, higher_is_better: bool) -> str:
    digits = _digits(value, other.value, other.difference["value"], other.difference.get("ci95", ()))
    direction = "" if higher_is_better else " (lower is better; a difference above zero favours the model)"
    return (
        f"{metric} {value:.{digits}f} against {other.value:.{digits}f}{direction}, "
        f"a difference of {_signed(other.difference['value'], digits)}"
    )


def _range(value: float, other: Against) -> str:
    low, high = other.difference["ci95"]
    digits = _digits(value, other.value, other.difference["value"], (low, high))
    return f"95 % interval {_signed(low, digits)} to {_signed(high, digits)}"


def _signed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def _digits(model: float, baseline: float, difference: float, bounds: tuple[float, ...] | list[float]) -> int:
    """Decimals, from 2 to 4, at which the figures add up and a bound that is not zero does not look like it."""
    for digits in (2, 3):
        adds_up = round(abs(round(model, digits) - round(baseline, digits)), digits) == round(
            abs(difference), digits
        )
        shown = all(round(bound, digits) != 0 or bound == 0 for bound in (difference, *bounds))
        if adds_up and shown:
            return digits
    return 4
