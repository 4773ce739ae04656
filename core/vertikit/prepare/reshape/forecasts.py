"""Examples of a forecast: a series at a moment, the readings up to there, and those that follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from vertikit.columns import Group
from vertikit.durations import microseconds
from vertikit.errors import UsageError, VertikitError, did_you_mean
from vertikit.prepare.places import place, several
from vertikit.prepare.reading import Rows
from vertikit.prepare.reshape.grids import Grids, grids
from vertikit.prepare.reshape.reshaped import EXAMPLES, PAST, READINGS, Left, Reshaped, task_of_examples
from vertikit.prepare.reshape.runs import duration
from vertikit.prepare.reshape.seasons import DAY, WEEKEND, season_of, weekday
from vertikit.prepare.row_file import ROW, row_table, write_rows
from vertikit.table_columns import MICROSECOND, Number, Time
from vertikit.task import Task
from vertikit.windows import Ahead, Windows

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.recipe.examples import Reshape

SERIES = ".series"
"""The name of an example's series among its columns; no file has a column of that name."""
CONTEXTS = 3
"""Horizons that a context has, where the recipe does not say."""


@dataclass(frozen=True)
class _Sizes:
    context: int
    horizon: int
    stride: int


def forecasts(task: Task, rows: Rows, choice: Reshape, folder: Path, *, targets: bool) -> Reshaped:
    """Every origin with its context and what follows; without `targets`, the last of each series alone."""
    import numpy as np

    examples, target = rows.examples, task.target
    if choice.window is not None:
        raise UsageError(
            "reshape.window is set, and a forecast has a context and a horizon.",
            "Leave it out, and set reshape.context and reshape.horizon.",
        )
    if task.time is None or examples.span is None:
        raise UsageError(
            "a forecast needs the time of each row, and the data has no column of times.",
            "Name it: --map time=COLUMN",
        )
    names, known, unread = _sensors(task, examples, choice)
    series = _series(task, examples)
    values = examples.numbers(target.name)
    if choice.horizon is None:
        raise UsageError(
            "how far ahead is to be foretold is not said.",
            "Give steps, or a time: --set reshape.horizon=24",
        )
    found = grids(
        examples,
        series,
        np.isfinite(values),
        choice.frequency,
        lambda step: _count(choice.horizon, step, "horizon"),
    )
    sizes = _sizes(choice, found)
    readings = _readings(examples, [target.name, *names], found.order, folder / READINGS)
    last_row = _last_row(found)
    left = Left.of(rows)
    for at, why in sorted(found.aside.items()):
        left.add(at, why)
    origins, notes = _origins(
        examples, found, np.isfinite(readings[:, 0]), sizes, choice, last_row, left, targets=targets
    )
    if targets and not len(origins.stop):
        longest = int((found.until - found.begin).max(initial=0))
        raise VertikitError(
            f"no forecast can be learnt or judged: a context of {several(sizes.context, 'step')} and a horizon of "
            f"{sizes.horizon} are needed, and the longest series has {several(longest, 'step')}"
            + (f" ({notes[-1]})." if notes else "."),
            "Give a shorter context (--set reshape.context=…) or horizon, or rows of a longer time.",
        )
    order = np.argsort(rows.position[last_row[origins.stop - 1]], kind="stable")
    stop, which = origins.stop[order], origins.series[order]
    weekdays = usual_weekdays(found)
    season = choice.season or season_of(found.usual, weekdays)
    windows = Windows(
        readings,
        (target.name + PAST, *names),
        stop - sizes.context,
        stop,
        stop + sizes.horizon,
        rows=np.where(found.order < 0, 0, examples.rows[found.order]),
        times=np.stack([found.stamps[stop - sizes.context], found.stamps[stop - 1]], axis=1),
        ahead=Ahead(
            np.array(found.names, object)[which], found.begin[which], found.stamps, target.name + PAST, known,
            sizes.horizon, season, found.step,
        ),
    )  # fmt: skip
    notes = [_summary(found, sizes, season, windows, choice), *found.notes, *notes]
    if unread:
        notes.append(f"columns that a forecast does not read: {', '.join(unread)}")
    made = _examples(task, rows, found, windows, last_row, folder / EXAMPLES)
    lines, left_lines = left.lines(rows.position[last_row[stop - 1]])
    return Reshaped(
        task_of_examples(task, choice), made, folder / EXAMPLES, lines, tuple(left.found), left_lines,
        tuple(notes),
    )  # fmt: skip


def usual_weekdays(found: Grids) -> bool:
    """Whether rows are of working days alone."""
    own = found.stamps[found.order >= 0]
    return not found.step and bool((weekday(own) < WEEKEND).all()) and found.usual <= 1.5 * DAY


def _sensors(task: Task, examples: Examples, choice: Reshape) -> tuple[list[str], tuple[str, ...], list[str]]:
    """(numbers beside the target, those known ahead, inputs that no forecast reads)."""
    present = examples.table.column_names
    inputs = [column for column in task.inputs if column.name in present]
    names = [column.name for column in inputs if isinstance(column, Number)]
    for name in choice.known_ahead:
        if name not in names:
            raise UsageError(
                f"the recipe is wrong at reshape.known_ahead: the data has no column of numbers {name!r}.",
                did_you_mean(name, names),
            )
    unread = [column.name for column in inputs if not isinstance(column, Number | Time)]
    return names, tuple(choice.known_ahead), unread


def _series(task: Task, examples: Examples) -> NDArray[np.object_] | None:
    """[N] the name of each row's series, by the task's group that a split does not keep whole."""
    for column in task.columns:
        if isinstance(column, Group) and not column.kept_whole and column.name in examples.table.column_names:
            return examples.values(column.name)
    return None


def _count(length: int | str | None, step: float, key: str) -> int:
    """Steps of a length that counts steps or time."""
    if isinstance(length, int):
        return length
    assert length is not None
    if not step:
        raise UsageError(
            f"reshape.{key}={length} is a time, and each row is the next step here.",
            f"Count steps: --set reshape.{key}=24",
        )
    count = microseconds(length) / 1e6 / step
    if count < 1 or abs(count - round(count)) > 1e-6:
        raise UsageError(
            f"reshape.{key}={length} is no whole number of steps of {duration(step)}.",
            f"Count steps: --set reshape.{key}={max(1, round(count))}",
        )
    return round(count)


def _sizes(choice: Reshape, found: Grids) -> _Sizes:
    horizon = _count(choice.horizon, found.step, "horizon")
    context = CONTEXTS * horizon
    if choice.context is not None:
        context = _count(choice.context, found.step, "context")
    stride = 1 if choice.stride is None else _count(choice.stride, found.step, "stride")
    return _Sizes(context, horizon, stride)


@dataclass(frozen=True)
class _Origins:
    """[N] the place after the last reading that is known, and the number of its series."""

    stop: Indices
    series: Indices


def _origins(
    examples: Examples,
    found: Grids,
    known: NDArray[np.bool_],
    sizes: _Sizes,
    choice: Reshape,
    last_row: Indices,
    left: Left,
    *,
    targets: bool,
) -> tuple[_Origins, list[str]]:
    import numpy as np

    seen = np.concatenate([[0], np.cumsum(known)])
    moved = _part_changes(examples, last_row)
    stops, which, notes = [np.empty(0, np.int64)], [np.empty(0, np.int64)], []
    gaps, crossing, where = 0, 0, -1
    for at, (begin, end) in enumerate(zip(found.begin.tolist(), found.end.tolist(), strict=True)):
        own = np.flatnonzero(known[begin:end])
        last = begin + int(own[-1]) + 1 if len(own) else begin
        first = begin + sizes.context
        stop = np.arange(first, last - sizes.horizon + 1, sizes.stride) if targets else np.array([last])
        if not len(stop) or stop[0] < first:
            needs = f"{sizes.context}" + (f" and {sizes.horizon} more to be judged by" if targets else "")
            left.add(
                int(last_row[max(last, begin + 1) - 1]),
                f"its series has {several(last - begin, 'step')} up to the last number, and a context needs {needs}",
            )
            continue
        lost = 1 - (seen[stop] - seen[stop - sizes.context]) / sizes.context > choice.most_missing
        if targets:
            after = seen[stop + sizes.horizon] - seen[stop]
            lost |= (1 - after / sizes.horizon > choice.most_missing) | (after == 0)
            split = moved[stop + sizes.horizon - 1] != moved[stop]
            crossing += int((split & ~lost).sum())
            lost |= split
        elif lost[0]:
            left.add(
                int(last_row[last - 1]),
                f"more than {choice.most_missing:.0%} of the {sizes.context} steps up to the last number of its series "
                "are missing",
            )
        if targets and lost.any() and where < 0:
            where = int(last_row[stop[lost][0] - 1])
        gaps += int(lost.sum())
        stops.append(stop[~lost])
        which.append(np.full(int((~lost).sum()), at))
    gaps -= crossing
    if targets and gaps:
        notes.append(
            f"origins: {several(gaps, 'origin')} with more than {choice.most_missing:.0%} of the context, or of what "
            f"follows, missing: left out (the first at {place(examples, where)})"
        )
    if crossing:
        notes.append(
            f"origins: {several(crossing, 'origin')} whose horizon lies in two of the parts that were given: left out"
        )
    return _Origins(np.concatenate(stops), np.concatenate(which)), notes


def _last_row(found: Grids) -> Indices:
    """[M] the position of the row at each place, or of the last before it in its series."""
    import numpy as np

    places = np.where(found.order >= 0, np.arange(len(found.order)), -1)
    filled = np.maximum.accumulate(places) if len(places) else places
    return np.asarray(found.order[filled])


def _part_changes(examples: Examples, last_row: Indices) -> Indices:
    """[M] a number that rises wherever the next row is of another of the user's parts."""
    import numpy as np

    parts = examples.part[last_row].astype(str)
    changed = np.concatenate([[False], parts[1:] != parts[:-1]]) if len(parts) else np.zeros(0, bool)
    return np.cumsum(changed)


def _readings(examples: Examples, names: list[str], order: Indices, path: Path) -> NDArray[np.float64]:
    """[M, C] the columns on the grid, on disk, NaN where there is no row."""
    import numpy as np

    shape = (len(order), len(names))
    if not shape[0]:
        return np.empty(shape)
    kept: NDArray[np.float64] = np.lib.format.open_memmap(path, mode="w+", dtype=np.float64, shape=shape)
    for at, name in enumerate(names):
        kept[:, at] = np.where(order < 0, np.nan, examples.numbers(name)[order])
    kept.flush()  # type: ignore[attr-defined]
    return cast("NDArray[np.float64]", np.load(path, mmap_mode="r"))


def _examples(
    task: Task, rows: Rows, found: Grids, windows: Windows, last_row: Indices, path: Path
) -> Examples:
    """A line per origin: what its last row holds beside the numbers, its time, and the mean of what follows."""
    import numpy as np
    import pyarrow as pa

    assert windows.ahead is not None and task.time is not None
    examples, ahead = rows.examples, windows.ahead
    last = last_row[windows.stop - 1]
    columns: dict[str, pa.Array] = {}
    for column in task.columns:
        if column.name in examples.table.column_names and column.name not in windows.names:
            columns[column.name] = examples.chunks(column.name).take(pa.array(last)).combine_chunks()
    origin = found.stamps[windows.stop - 1]
    columns[task.time.name] = pa.array(np.rint(origin * MICROSECOND).astype(np.int64))
    follows = windows.following(ahead.target, ahead.horizon)
    there = np.isfinite(follows)
    mean = np.where(there, follows, 0).sum(axis=1) / np.maximum(there.sum(axis=1), 1)
    columns[task.target.name] = pa.array(mean, pa.float64(), mask=~there.any(axis=1))
    columns[SERIES] = pa.array(ahead.series.tolist(), pa.string())
    columns[ROW] = pa.array(examples.rows[last])
    table = pa.table(columns)
    write_rows(path, table.schema, table.to_batches(10_000))
    first, end = found.stamps[windows.stop], found.stamps[windows.reach - 1]
    moments = np.unique(found.stamps)
    block = np.searchsorted(moments, first) // ahead.horizon
    return replace(
        examples.take(last),
        table=row_table(path),
        part=examples.part[last_row[windows.reach - 1]],  # that of what is foretold, wherever the past lies
        group=None,
        span=np.stack([first, end], axis=1),
        windows=windows,
        together=np.array([str(each) for each in block.tolist()], object),
    )


def _summary(found: Grids, sizes: _Sizes, season: int, windows: Windows, choice: Reshape) -> str:
    beside = len(windows.names) - 1
    known = f", {len(choice.known_ahead)} of them known ahead" if choice.known_ahead else ""
    lasting = f" ({duration(sizes.horizon * found.step)})" if found.step else ""
    return (
        f"forecasts: {several(len(windows), 'origin')} of {several(len(found.names), 'series', 'series')}, each with "
        f"{several(sizes.context, 'step')} of the past, {several(sizes.horizon, 'step')}{lasting} to foretell, "
        f"a season of {season}" + (f", {several(beside, 'further column')}{known}" if beside else "")
    )
