"""Rule out, refer or urgent, without the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

RULE_OUT, REFER, URGENT = "rule out", "refer", "urgent"


class Part:
    """Settings: lower and upper, the thresholds by finding, null where there is none; nothing, the class which means
    that there is nothing, or null where findings are asked about one by one."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of probabilities `p.<label>` [N]."""
        nothing = self._settings["nothing"]
        if nothing is None:
            found = {name: np.asarray(frame[f"p.{name}"], np.float64) for name in labels}
        else:
            found = {f"not {nothing}": 1 - np.asarray(frame[f"p.{nothing}"], np.float64)}
        names = list(found)
        table = np.stack([found[name] for name in names], axis=1)
        lower = self._bounds("lower", names, -np.inf)
        upper = np.maximum(self._bounds("upper", names, np.inf), lower)
        out: NDArray[np.bool_] = np.asarray((table < lower).all(axis=1))
        urgent: NDArray[np.bool_] = np.asarray((table > upper).any(axis=1))
        # The finding that decides: the one furthest above its upper threshold, or above its lower one.
        beyond = table - np.where(urgent[:, None], upper, np.where(np.isfinite(lower), lower, 0.0))
        deciding = beyond.argmax(axis=1)
        decisions = [
            URGENT if high else RULE_OUT if low else REFER for high, low in zip(urgent, out, strict=True)
        ]
        reasons = [
            _reason(decisions[row], names[at], float(table[row, at]), lower[at], upper[at])
            for row, at in enumerate(deciding.tolist())
        ]
        return decisions, reasons

    def _bounds(self, kind: str, names: Sequence[str], none: float) -> NDArray[np.float64]:
        known = self._settings[kind]
        return np.array([none if (each := known.get(name)) is None else each for name in names])


def _reason(decision: str, name: str, score: float, lower: float, upper: float) -> str:
    said = f"probability of {name} {score:.1%}"
    if decision == RULE_OUT:
        return f"{said}, below {lower:.1%}"
    if decision == URGENT:
        return f"{said}, above {upper:.1%}"
    if not np.isfinite(lower):
        return f"{said}; there were too few findings to set a threshold for ruling out"
    return f"{said}, between {lower:.1%} and {'no upper threshold' if not np.isfinite(upper) else f'{upper:.1%}'}"
