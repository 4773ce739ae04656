"""Experts beside the model: built by the recipe, asked about examples, and their answers as further columns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.columns import Column
from vertikit.contracts import Expert
from vertikit.durations import microseconds
from vertikit.errors import UsageError, VertikitError
from vertikit.examples import in_memory
from vertikit.fitted_store import load_fitted
from vertikit.prepare.row_file import write_rows
from vertikit.recipe import Recipe
from vertikit.recipe.model import Choice
from vertikit.registry import Registry
from vertikit.series_columns import Series
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from datasets import Dataset
    from numpy.typing import NDArray

    from vertikit.examples import Examples

ROWS_OF_BATCH = 100_000


def build_experts(
    task: Task,
    recipe: Recipe,
    registry: Registry,
    present: Collection[str],
    tell: Callable[[str], None] = lambda _: None,
    folder: Path | None = None,
) -> dict[str, Expert]:
    """The recipe's experts by name, without those that can say nothing of data with the `present` columns.

    Each finds the columns of those before it beside the data's; the second of a name is called `name-2`. Those of a
    finished run take up what they remembered at the end of training, from `folder`.
    """
    experts: dict[str, Expert] = {}
    for choice in recipe.experts:
        _check_delay(choice, recipe)
        expert: Expert = registry.get("experts", choice.name).resolve()(**choice.options)
        why = expert.begin(task, present)
        if why:
            tell(f"expert {choice.name} has nothing to say here: {why}")
            continue
        name, count = choice.name, 1
        while name in experts:
            count += 1
            name = f"{choice.name}-{count}"
        if folder is not None:
            load_fitted(folder, name, expert)
        experts[name] = expert
        task = task.with_columns(expert.columns())
        present = {*present, *(column.name for column in expert.columns())}
    return experts


def _check_delay(choice: Choice, recipe: Recipe) -> None:
    """UsageError where an expert takes labels for known that the split keeps back: it would see too much."""
    delay, gap = choice.options.get("delay"), recipe.split.gap
    if isinstance(delay, str) and gap is not None and microseconds(delay) < microseconds(gap):
        raise UsageError(
            f"expert {choice.name!r} takes labels for known after {delay}, and the split after {gap} (split.gap).",
            f"Give both the time that labels take: --set split.gap={delay}, or the expert's delay as {gap}.",
        )


def added_columns(experts: Mapping[str, Expert]) -> tuple[Column, ...]:
    """What experts add to a table, in order."""
    return tuple(column for expert in experts.values() for column in expert.columns())


def with_expertise(
    examples: Examples,
    experts: Mapping[str, Expert],
    truth: NDArray[np.object_] | None,
    folder: Path | None = None,
) -> Examples:
    """The examples with the experts' columns beside their own; VertikitError where an expert breaks its word.

    With `folder`, which exists, the columns are kept there, memory-mapped, and never all in memory at once.
    """
    from datasets import concatenate_datasets

    for name, expert in experts.items():
        if not expert.columns():
            continue
        found = expert.features(examples, truth)
        wanted = [column.name for column in expert.columns()]
        if set(found) != set(wanted):
            raise _broken(name)
        if steps := [column.name for column in expert.columns() if isinstance(column, Series)]:
            examples = _known_ahead(name, steps, found, examples, folder)
        wanted = [each for each in wanted if each not in steps]
        if not wanted:
            continue
        columns = _checked(name, wanted, found, len(examples))
        added = _held(columns) if folder is None else _on_disk(columns, folder, name)
        examples = replace(examples, table=concatenate_datasets([examples.table, *added], axis=1))
    return examples


def _known_ahead(
    name: str,
    wanted: Sequence[str],
    found: Mapping[str, NDArray[np.float64]],
    examples: Examples,
    folder: Path | None,
) -> Examples:
    """The examples with columns that an expert knows for every reading, of the steps to come too."""
    windows = examples.windows
    if (
        windows is None
        or windows.ahead is None
        or any(len(found[each]) != len(windows.readings) for each in wanted)
    ):
        raise VertikitError(
            f"expert {name!r} did not give the columns that it promised, a value a reading of a forecast.",
            "Tell the author of its plugin.",
        )
    path = None if folder is None else folder / f"{name}-readings.npy"
    return replace(examples, windows=windows.with_known_ahead(wanted, [found[each] for each in wanted], path))


def _checked(
    name: str, wanted: Sequence[str], found: Mapping[str, NDArray[np.float64]], size: int
) -> Iterator[tuple[str, pa.Array]]:
    """The columns one by one: each is asked for once, since it may be worked out only then."""
    import pyarrow as pa

    for each in wanted:
        values = found[each]
        if len(values) != size:
            raise _broken(name)
        yield each, pa.array(values, pa.float64())


def _held(columns: Iterable[tuple[str, pa.Array]]) -> list[Dataset]:
    import pyarrow as pa

    return [in_memory(pa.table(dict(columns)))]


def _on_disk(columns: Iterable[tuple[str, pa.Array]], folder: Path, name: str) -> list[Dataset]:
    import pyarrow as pa
    from datasets import Dataset

    tables = []
    for number, (column, values) in enumerate(columns):
        path = folder / f"{name}-{number}.arrow"
        table = pa.table({column: values})
        write_rows(path, table.schema, table.to_batches(ROWS_OF_BATCH))
        tables.append(Dataset.from_file(str(path)))
    return tables


def _broken(name: str) -> VertikitError:
    return VertikitError(
        f"expert {name!r} did not give the columns that it promised, a value an example.",
        "Tell the author of its plugin.",
    )
