"""Which column of each source is which of the task, and what a table of answers is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertikit.deploy.batches.sources import Opened
from vertikit.prepare.mapping import Matched, check_mapping, match_columns
from vertikit.task import Task

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.columns import Column


@dataclass(frozen=True)
class Columns:
    """The columns of all sources together.

    Args:
        wanted: the task's, those that any source has, and its targets.
        matched: of each source.
    """

    wanted: tuple[Column, ...]
    matched: tuple[Matched, ...]


def columns_of(
    task: Task, sources: Sequence[Opened], mapping: Mapping[str, str], drop: Sequence[str]
) -> Columns:
    """As for rows that are predicted at once; UsageError where a source lacks a column that is needed."""
    check_mapping(task, mapping)
    matched = tuple(
        match_columns(task, each.name, each.columns, mapping, drop, targets=False, remembered=True)
        for each in sources
    )
    found = {name for each in matched for name in each.columns} | {column.name for column in task.targets}
    return Columns(tuple(column for column in task.columns if column.name in found), matched)


def schema_of(columns: Mapping[str, NDArray[Any]], target: Column) -> pa.Schema:
    """Types that columns of answers have in every part, whatever rows a part happens to hold."""
    import pyarrow as pa

    def kind(name: str, given: Any) -> pa.DataType:
        if name == "truth":
            return pa.type_for_alias(target.arrow)
        return pa.string() if given.kind == "O" else pa.from_numpy_dtype(given)

    return pa.schema([(name, kind(name, each.dtype)) for name, each in columns.items()])
