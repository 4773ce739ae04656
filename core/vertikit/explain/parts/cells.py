"""A row of a table as its cells."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column
from vertikit.evaluate.reasons import Usual, replaced
from vertikit.explain.parts.part import Part
from vertikit.table_columns import Number

if TYPE_CHECKING:
    from vertikit.examples import Examples


class Cells:
    """The cells of one example; columns that are computed of one sensor are one part. A cell is taken away by giving it
    what its column usually holds, or nothing where that is not known."""

    called = "cells"

    def __init__(self, columns: Sequence[Column], example: Examples, usual: Usual) -> None:
        together: dict[str, list[Column]] = {}
        for column in columns:
            of = column.of if isinstance(column, Number) else ""
            together.setdefault(of or column.name, []).append(column)
        self._columns = [[column.name for column in group] for group in together.values()]
        self._usual = {column.name: usual.value(column.name) for column in columns}
        self.parts = [
            Part(
                name, "" if len(group) == 1 else f"{len(group)} columns", _shown(group, example),
                any(column.private for column in group),
            )
            for name, group in together.items()
        ]  # fmt: skip

    def without(self, copies: Examples, kept: NDArray[np.bool_]) -> Examples:
        values = {
            name: (self._usual[name], ~kept[:, at])
            for at, names in enumerate(self._columns)
            for name in names
            if not kept[:, at].all()
        }
        return replaced(copies, values) if values else copies


def _shown(group: Sequence[Column], example: Examples) -> str:
    """The value of a cell; of several, none."""
    if len(group) > 1:
        return ""
    value = example.column(group[0].name)[0]
    return "missing" if value is None else f"{value:,.4g}" if isinstance(value, float) else str(value)
