"""The likeliest classes in order where the likeliest is sure enough."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ABSTAIN = "abstain"


def judged(confidence: float, threshold: float | None, risk: float) -> tuple[bool, str]:
    """Whether an answer of that confidence is given, and why."""
    if math.isnan(confidence):
        return False, "no prediction: for a person to decide"
    if threshold is None:
        return False, f"no threshold keeps the risk at {risk:g}: for a person to decide"
    ours, shown = _apart(confidence, threshold)
    if confidence >= threshold:
        return True, f"confidence {ours} is at least the threshold {shown}"
    return False, f"confidence {ours} is below the threshold {shown}: for a person to decide"


class Part:
    """Settings: top, risk, threshold or null, abstains; alone, whether the class is named without its probability."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of probabilities `p.<label>` [N]."""
        table = np.stack([np.asarray(frame[f"p.{label}"], np.float64) for label in labels], axis=1)
        leading = np.argsort(-table, axis=1, kind="stable")[:, : self._settings["top"]]
        decisions, reasons = [], []
        for row, order in zip(table, leading, strict=True):
            answers, reason = judged(
                float(row[order[0]]), self._settings["threshold"], self._settings["risk"]
            )
            named = "; ".join(f"{labels[each]} {row[each]:.2f}" for each in order)
            if self._settings["alone"]:
                named = labels[order[0]]
            decisions.append(named if answers else self._settings["abstains"])
            reasons.append(reason)
        return decisions, reasons


def _apart(confidence: float, threshold: float) -> tuple[str, str]:
    """Both with two decimals, or with as many as show which is the larger."""
    for digits in (2, 3, 4, 6):
        texts = f"{confidence:.{digits}f}", f"{threshold:.{digits}f}"
        if texts[0] != texts[1] or confidence >= threshold:
            return texts
    return f"{confidence:.9g}", f"{threshold:.9g}"
