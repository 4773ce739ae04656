"""Alarm, watch or run, without the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit_plugins.portable.least_cost import cheapest

ALARM, WATCH, RUN = "alarm", "watch", "run"


class Part:
    """Settings: missed, false_alarm, inspection (costs) and found (a share)."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of the probability of the last label."""
        risk = np.asarray(frame[f"p.{labels[-1]}"], np.float64)
        said = [f"a probability of a fault of {p:.1%}" for p in risk]
        return cheapest(self.expected(risk), said, "expected cost")

    def expected(self, risk: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Decision -> its expected cost [N] under probabilities [N] of a fault."""
        missed, found = self._settings["missed"], self._settings["found"]
        return {
            RUN: risk * missed,
            WATCH: self._settings["inspection"] + risk * (1 - found) * missed,
            ALARM: (1 - risk) * self._settings["false_alarm"],
        }
