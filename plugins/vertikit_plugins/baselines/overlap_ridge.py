"""Overlap of an answer with its reference, and its length, into a ridge regression: the trade's own first grader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import Portable
from vertikit.errors import VertikitError
from vertikit_plugins.baselines.ridge import GRID
from vertikit_plugins.baselines.standardised_ridge import StandardisedRidge
from vertikit_plugins.texts.overlap import overlap_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples


class OverlapRidge(StandardisedRidge):
    """Ridge regression of the grade on how much of the reference an answer repeats.

    The last input is the answer; every text before it (question, reference) is compared with it: see
    `vertikit_plugins.texts.overlap`. Overlap with the reference and length are where automated grading began (Page
    1966, The Phi Delta Kappan 47(5):238-243; Mohler and Mihalcea 2009, EACL).
    """

    name = "overlap-ridge"

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        super().__init__(inputs, seed, grid)
        if len(self.columns) < 2:
            raise VertikitError(
                "baseline overlap-ridge compares two texts, and this task has one.",
                "Leave it out of the recipe's baselines.",
            )

    def _features(self, examples: Examples) -> NDArray[np.float64]:
        """[N, F], zeros for a text that the data has no column of."""
        there = examples.table.column_names
        texts = [
            [value or "" for value in examples.column(name)] if name in there else None
            for name in self.columns
        ]
        answers = texts[-1]
        assert answers is not None
        return overlap_features(texts[:-1], answers)

    def portable(self, labels: tuple[str, ...]) -> Portable:
        """The same without the kit; `labels` are steps, or none where the target is a number."""
        return Portable(
            ("vertikit_plugins.texts.overlap", "vertikit_plugins.portable.overlap_grades"),
            {
                "texts": list(self.columns), "names": [], "start": self._start, "width": self.width,
                "steps": [float(label) for label in labels],
            },
            {"mean": self._mean, "scale": self._scale, "weights": self._weights},
            columns=self.columns,
        )  # fmt: skip

    def graph_module(self, labels: tuple[str, ...]) -> None:
        """None: it is a few sums."""
        del labels
