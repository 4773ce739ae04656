"""How much of other texts an answer repeats: as columns, and as grades of a ridge regression."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit_plugins.texts.overlap import overlap_features


class Part:
    """Settings: texts, the columns, of which the last is the answer; names of the features as columns; and for grades:
    start, width, and steps where the target is of classes. Arrays for grades: mean, scale, weights [F]."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        del folder
        self._settings, self._arrays = settings, arrays

    def added(self, columns: Mapping[str, Any]) -> dict[str, NDArray[np.float64]]:
        """The features by name."""
        table = self._features(columns)
        return {name: table[:, at] for at, name in enumerate(self._settings["names"])}

    def answers(self, columns: Mapping[str, Any]) -> NDArray[np.float64]:
        """Numbers [N, 1], or probabilities [N, K] of steps: those of a normal distribution cut half-way between."""
        table = (self._features(columns) - self._arrays["mean"]) / self._arrays["scale"]
        centre = (table @ self._arrays["weights"] + self._settings["start"])[:, None]
        steps = self._settings.get("steps")
        if not steps:
            return np.asarray(centre)
        cuts = (np.array(steps[1:]) + np.array(steps[:-1])) / 2
        width = self._settings["width"]
        below = [[_normal((cut - float(own)) / width) for cut in cuts] for own in centre[:, 0]]
        edges = np.concatenate([np.zeros((len(below), 1)), np.array(below), np.ones((len(below), 1))], axis=1)
        found: NDArray[np.float64] = np.diff(edges, axis=1)
        lost = found.sum(axis=1) < 0.5
        found[lost] = np.eye(len(steps))[np.where(centre[lost, 0] > steps[0], len(steps) - 1, 0)]
        return found

    def _features(self, columns: Mapping[str, Any]) -> NDArray[np.float64]:
        texts = [
            [value or "" for value in columns[name]] if name in columns else None
            for name in self._settings["texts"]
        ]
        answers = texts[-1]
        assert answers is not None
        return overlap_features(texts[:-1], answers)


def _normal(value: float) -> float:
    return 0.5 * math.erfc(-value / math.sqrt(2))
