"""Accept, reject or inspect, without the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit_plugins.portable.least_cost import cheapest

ACCEPT, INSPECT, REJECT = "accept", "inspect", "reject"


class Part:
    """Settings: escape, overkill, inspection (costs), found (a share), and apart, by which a belief was made of
    spreads."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of the belief that a part is odd, that of the last label."""
        belief = np.asarray(frame[f"p.{labels[-1]}"], np.float64)
        return cheapest(self.expected(belief), [self._beyond(float(p)) for p in belief], "cost")

    def expected(self, belief: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Decision -> its cost [N] under beliefs [N] that a part is odd."""
        escape, found = self._settings["escape"], self._settings["found"]
        return {
            ACCEPT: belief * escape,
            INSPECT: self._settings["inspection"] + belief * (1 - found) * escape,
            REJECT: (1 - belief) * self._settings["overkill"],
        }

    def _beyond(self, belief: float) -> str:
        """Where a score lies from the threshold, in words."""
        spreads = float(np.log(max(belief, 1e-12) / max(1 - belief, 1e-12))) / self._settings["apart"]
        side = "beyond" if spreads > 0 else "below"
        return f"{abs(spreads):.1f} spreads of sound parts {side} the threshold"
