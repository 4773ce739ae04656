"""Overlap of an answer with the texts before it, and its length, as an expert of text pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

import numpy as np

from vertikit import VertikitError
from vertikit.columns import Column, Text
from vertikit.contracts import Portable, Rulings, State, Use
from vertikit.table_columns import Number
from vertikit_plugins.texts.overlap import ANSWERED, COMPARED, overlap_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task


class Overlap:
    """How much of the reference, of the question and of any other text before it an answer repeats, and how long it is.

    The last text of the task is the answer; the numbers are those of the baseline `overlap-ridge`. Nothing is
    remembered: an example's numbers depend on its own texts alone.
    """

    use: tuple[Use, ...] = ("features",)
    remembers = False

    def __init__(self) -> None:
        self._texts: tuple[str, ...] = ()

    def begin(self, task: Task, present: Collection[str]) -> str:
        """Which texts there are; a reason where there is none to compare with."""
        texts = tuple(column.name for column in task.inputs if isinstance(column, Text))
        self._texts = tuple(name for name in texts if name in present)
        if len(self._texts) < 2 or self._texts[-1] != texts[-1]:
            return "it compares the last text with those before it, and the data has fewer than two"
        return ""

    def columns(self) -> tuple[Column, ...]:
        """In the order of `features`."""
        answer = self._texts[-1] if self._texts else ""
        names = [(f"{answer}_{each}", f"of the {answer}: {said}") for each, said in ANSWERED.items()]
        for other in self._texts[:-1]:
            names += [
                (f"{answer}_{other}_{each}", f"{answer} and {other}: {said}")
                for each, said in COMPARED.items()
            ]
        return tuple(Number(name, help=said, required=False) for name, said in names)

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """Column name -> values [N]."""
        del truth
        if lacking := [name for name in self._texts if name not in examples.table.column_names]:
            raise VertikitError(
                f"the model reads {lacking[0]}, and these rows have no such column.",
                f"Name it: --map {lacking[0]}=COLUMN",
            )
        texts = [[value or "" for value in examples.column(name)] for name in self._texts]
        table = overlap_features(texts[:-1], texts[-1])
        return {column.name: table[:, at] for at, column in enumerate(self.columns())}

    def portable(self) -> Portable:
        """The same without the kit."""
        names = [column.name for column in self.columns()]
        return Portable(
            ("vertikit_plugins.texts.overlap", "vertikit_plugins.portable.overlap_grades"),
            {"texts": list(self._texts), "names": names},
            columns=self._texts,
        )

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> Rulings | None:
        """None: it holds nothing."""
        del examples, labels
        return None

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Nothing."""

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""
