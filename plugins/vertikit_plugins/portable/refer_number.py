"""A number where the error to be expected is small enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


class Part:
    """Settings: threshold on the spread, null for none, "all" for no bound; abstains."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of predictions and spreads [N]."""
        del labels
        threshold = self._settings["threshold"]
        decisions, reasons = [], []
        for value, spread in zip(frame["prediction"], np.asarray(frame["spread"]), strict=True):
            sure = threshold is not None and (threshold == "all" or spread <= threshold)
            decisions.append(f"{value:.3g}" if sure else self._settings["abstains"])
            reasons.append(f"off by about {spread:.2g}" + ("" if sure else ", more than is allowed"))
        return decisions, reasons
