"""A scale of numbers: where it begins and ends, and whether it goes in steps. Importable without numpy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

MOST_STEPS = 12
"""A scale on which more steps than this occur is read as numbers, not as that many classes."""
SLACK = 1e-6
"""How far, in steps, a number may lie from a step and still be one: 1/3 is written 0.33333333."""


@dataclass(frozen=True)
class Scale:
    """A scale of points.

    Args:
        minimum, maximum: its ends, None where it has none.
        step: the distance of two neighbours, None where every number between the ends may occur.
        stated: whether the user or the task said so; else it was found in the data.
    """

    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    stated: bool = False

    @property
    def steps(self) -> int | None:
        """How many values it has, None where it is continuous or has no ends."""
        if self.minimum is None or self.maximum is None or self.step is None:
            return None
        return round((self.maximum - self.minimum) / self.step) + 1

    def __str__(self) -> str:
        low = "no lower end" if self.minimum is None else f"{self.minimum:g}"
        high = "no upper end" if self.maximum is None else f"{self.maximum:g}"
        kind = "continuous" if self.step is None else f"in steps of {self.step:g}"
        return f"{low} to {high}, {kind} ({'as stated' if self.stated else 'found in the data'})"


def found_scale(
    values: Sequence[float], minimum: float | None, maximum: float | None, step: float | None
) -> Scale:
    """The scale of distinct numbers in rising order; what is stated holds, the rest is as the numbers show.

    A stated step of 0 says that there is none. Without a stated step it goes in steps where all numbers lie on a
    lattice of at most `MOST_STEPS` points, whose width is the smallest distance of two neighbours; else its ends are
    the next round numbers.
    """
    stated = minimum is not None and maximum is not None
    low = values[0] if minimum is None else minimum
    high = values[-1] if maximum is None else maximum
    if step is None and len(values) > 1:
        width = min(after - before for before, after in pairwise(values))
        places = [(value - low) / width for value in (*values, high)]
        if places[-1] < MOST_STEPS and all(abs(place - round(place)) <= SLACK for place in places):
            step = width
    if not step and len(values) > 1:
        # The ends themselves may not be among the grades: a scale begins and ends at round numbers.
        unit = 10.0 ** math.floor(math.log10(values[-1] - values[0]))
        low = math.floor(low / unit + SLACK) * unit if minimum is None else low
        high = math.ceil(high / unit - SLACK) * unit if maximum is None else high
    return Scale(low, high, step or None, stated)
