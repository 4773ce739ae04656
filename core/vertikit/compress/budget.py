"""What a smaller model may weigh, take and lose: limits read from a line, and how near a candidate comes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from vertikit.errors import UsageError

UNITS = {
    "size": {"KB": 1e3, "MB": 1e6, "GB": 1e9},
    "ms": {"": 1.0, "MS": 1.0, "S": 1000.0},
    "speed": {"": 1.0, "X": 1.0},
    "drop": {"": 1.0, "%": 1.0},
}
"""What can be limited -> its units, in bytes, milliseconds of one row, times as fast, and points."""
SIGNS = {"size": "<", "ms": "<", "drop": "<", "speed": ">"}
SHAPE = 'A budget is like "size<20MB,drop<1.0" or "ms<5,speed>3".'
_LIMIT = re.compile(r"\s*([a-z]+)\s*([<>])=?\s*([0-9]*\.?[0-9]+)\s*([A-Za-z%]*)\s*")


@dataclass(frozen=True)
class Limit:
    """One of them: `size` in bytes, `ms`, `speed` or `drop`, and how it was written."""

    what: str
    value: float
    text: str

    def met(self, found: float) -> bool:
        """Whether that is within it."""
        return found < self.value if SIGNS[self.what] == "<" else found > self.value

    def excess(self, found: float) -> float:
        """How far beyond it, as a share of the limit; 0 where it is met."""
        if self.met(found):
            return 0.0
        scale = max(abs(self.value), 1e-9)
        return abs(found - self.value) / scale


def read_budget(text: str) -> list[Limit]:
    """The limits of a line; UsageError where one cannot be read, or is there twice."""
    found: dict[str, Limit] = {}
    for each in text.split(","):
        matched = _LIMIT.fullmatch(each)
        if matched is None:
            raise UsageError(f"--budget: {each.strip()!r} is no limit.", SHAPE)
        what, sign, value, unit = matched.groups()
        if what not in SIGNS:
            raise UsageError(
                f"--budget: {what!r} cannot be limited.", f"It is one of {', '.join(SIGNS)}. {SHAPE}"
            )
        if sign != SIGNS[what]:
            raise UsageError(
                f"--budget: {what} has a limit on the other side.", f"Write {what}{SIGNS[what]}{value}."
            )
        if unit.upper() not in UNITS[what]:
            raise UsageError(f"--budget: {unit!r} is no unit of {what}.", SHAPE)
        if what in found:
            raise UsageError(f"--budget: {what} is there twice.", "Name each once.")
        found[what] = Limit(what, float(value) * UNITS[what][unit.upper()], each.strip())
    return list(found.values())


def told_of(limits: list[Limit], found: Mapping[str, float]) -> str:
    """What a candidate has of what is limited, in words, with what is beyond its limit marked."""
    words = {"size": lambda v: f"{v / 1e6:.1f} MB", "ms": lambda v: f"{v:.2f} ms a row",
             "speed": lambda v: f"{v:.1f} times as fast", "drop": lambda v: f"a drop of {v:.2f}"}  # fmt: skip
    said = []
    for limit in limits:
        if limit.what in found:
            beyond = "" if limit.met(found[limit.what]) else f" (beyond {limit.text})"
            said.append(words[limit.what](found[limit.what]) + beyond)
    return ", ".join(said)
