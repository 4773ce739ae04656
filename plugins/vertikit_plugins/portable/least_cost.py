"""Whichever of several decisions costs least."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray


def cheapest(
    costs: Mapping[str, NDArray[np.float64]], said: Sequence[str], word: str
) -> tuple[list[str], list[str]]:
    """Decision -> what it costs [N] -> the cheapest of each row, the first among equals, and reasons: what is `said` of
    the row, then `word` and the costs of all."""
    names = list(costs)
    chosen = np.stack([costs[name] for name in names]).argmin(axis=0)
    reasons = [
        f"{own}; {word} {costs[names[at]][row]:,.2f}, and "
        + " and ".join(f"{costs[name][row]:,.2f} to {name}" for name in names if name != names[at])
        for row, (own, at) in enumerate(zip(said, chosen, strict=True))
    ]
    return [names[at] for at in chosen], reasons
