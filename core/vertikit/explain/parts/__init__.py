"""What an example is made of, and how parts of it are taken away: words, cells, stretches of readings, patches.

A column's type says into what it falls apart, so that every backbone, and a baseline that it is blended with, can be
asked about an example without some of its parts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column
from vertikit.evaluate.reasons import Usual
from vertikit.explain.parts.cells import Cells
from vertikit.explain.parts.part import Part
from vertikit.explain.parts.patches import Patches
from vertikit.explain.parts.readings import Readings, sensor_means
from vertikit.explain.parts.words import Words
from vertikit.picture_columns import Image
from vertikit.series_columns import Series
from vertikit.table_columns import Number

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task

MOST = 60
"""Parts that a text or a window falls into, at most: each is asked about by itself."""
FEWEST_ROWS = 10
"""Rows from which it is told what a column usually holds, where the run does not know."""

__all__ = ["Division", "Part", "Reference", "divided"]


class Kind(Protocol):
    """Parts of one example that are taken away in one way; `called` so in the plural."""

    called: str

    @property
    def parts(self) -> Sequence[Part]: ...

    def without(self, copies: Examples, kept: NDArray[np.bool_]) -> Examples:
        """`copies` [n] of the example, each with the parts alone that `kept` [n, p] says."""
        ...


@dataclass(frozen=True)
class Reference:
    """What stands in for a part that is taken away: what columns usually hold, and the mean of each sensor.

    Learnt by the run from its training rows where it explains decisions; else from the rows at hand, which is no
    learning from their labels. A cell of which nothing is known is as if it were missing.
    """

    usual: Usual
    sensors: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, parts: ModelParts, task: Task, examples: Examples) -> Reference:
        """For the run's model, by rows at hand."""
        usual = parts.usual
        if usual is None:
            usual = Usual(task.unit)
            if len(examples) >= FEWEST_ROWS:
                usual.fit(_cells_read(parts, task), examples)
        return cls(usual, {} if examples.windows is None else sensor_means(examples.windows))


@dataclass(frozen=True)
class Division:
    """An example and its parts.

    Args:
        example: one. kinds: of its parts, in order.
    """

    example: Examples
    kinds: tuple[Kind, ...]

    @property
    def parts(self) -> list[Part]:
        """All of them [P]."""
        return [part for kind in self.kinds for part in kind.parts]

    def keeping(self, kept: NDArray[np.bool_]) -> Examples:
        """[n] copies of the example with the parts that `kept` [n, P] says."""
        copies = self.example.take(np.zeros(len(kept), np.int64))
        start = 0
        for kind in self.kinds:
            stop = start + len(kind.parts)
            copies = kind.without(copies, kept[:, start:stop])
            start = stop
        return copies


def divided(parts: ModelParts, task: Task, example: Examples, reference: Reference) -> Division:
    """An example of one row as the model reads it."""
    columns = {column.name: column for column in task.inputs}
    texts: list[Column] = []
    kinds: list[Kind] = []
    for name in parts.assembled.bindings:
        if name in parts.assembled.tables:
            series = [each for each in parts.assembled.tables[name] if isinstance(each, Series)]
            if series:
                kinds.append(Readings(series, example, reference.sensors, MOST))
        elif name in parts.assembled.joint:
            texts += parts.assembled.joint[name]
        elif name in example.pictures:
            kinds.append(Patches(columns.get(name, Image(name)), example))
        elif name in columns:
            texts.append(columns[name])
    cells = [each for each in _cells_read(parts, task) if each.name in example.table.column_names]
    if cells:
        kinds.append(Cells(cells, example, reference.usual))
    if texts:
        kinds.append(Words(texts, example, max(MOST // 4, MOST - len(cells))))
    return Division(example, tuple(each for each in kinds if each.parts))


def _cells_read(parts: ModelParts, task: Task) -> list[Column]:
    """The columns of a table that the model reads, and the numbers beside them."""
    read = [
        each
        for columns in parts.assembled.tables.values()
        for each in columns
        if not isinstance(each, Series) and each.modality == "table"
    ]
    known = {column.name: column for column in task.inputs}
    beside = () if parts.assembled.beside is None else parts.assembled.beside.columns
    return [*read, *(known.get(name, Number(name, required=False)) for name in beside)]
