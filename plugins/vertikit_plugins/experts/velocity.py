"""Velocity: how often and how much a card (or any entity) has paid of late, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError, VertikitError
from vertikit.columns import Column, Group
from vertikit.contracts import State, Use
from vertikit.durations import in_words, microseconds
from vertikit.table_columns import Flag, Number
from vertikit_plugins.experts.past_rows import MOST, UNIT, past_features

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.task import Task

    Memory = dict[str, NDArray[np.int64]]

ROWS_AT_ONCE = 250_000
"""Rows whose past is worked out together, about: a million would take a gigabyte."""
PIECE = 500_000
"""Rows whose names are hashed at a time: as objects of their own they take ten times their room."""
NEVER = np.iinfo(np.int64).min
"""A time, an amount or a label that is not there."""
DAY = 86_400_000_000
HOUR = 3_600_000_000


class Velocity:
    """Windows over the past rows of each entity: counts, mean amounts, time since the last, and known positives.

    A row sees strictly earlier rows and itself; labels are seen `delay` after their row, when they are known. What is
    remembered are the rows of the longest window and the delay before the latest one, names as 64-bit hashes.

    Args:
        delay: how long a label takes to be known.
        spans: lengths of the windows.
        entities: columns that name an entity; without them every group column of the task that the data has.
        amount: the column of amounts; without it nothing is said of them.
    """

    use: tuple[Use, ...] = ("features",)

    def __init__(
        self,
        *,
        delay: str = "7d",
        spans: tuple[str, ...] = ("1h", "1d", "7d", "30d"),
        entities: tuple[str, ...] = (),
        amount: str = "",
    ) -> None:
        try:
            self._delay = microseconds(delay)
            self._spans = {each: microseconds(each) for each in spans}
        except ValueError as error:
            raise UsageError(f"experts: velocity: {error}.", "Write 30min, 1h or 7d.") from None
        if not self._spans or min(self._spans.values()) < 1:
            raise UsageError(
                "experts: velocity: at least one span above zero is needed.", "For instance [1d, 7d]"
            )
        self._asked, self._amount = tuple(entities), amount
        self._entities: tuple[str, ...] = ()
        self._positive = ""
        self._time = self._id = ""
        self._unit = "rows"
        self._memory: Memory = {}

    def begin(self, task: Task, present: Collection[str]) -> str:
        """Which entities there are; a reason where there is no time or no entity."""
        groups = tuple(column.name for column in task.columns if isinstance(column, Group))
        self._entities = tuple(name for name in self._asked or groups if name in present)
        self._time = task.time.name if task.time is not None and task.time.name in present else ""
        self._id = task.id.name if task.id is not None and task.id.name in present else ""
        self._positive = task.target.positive if isinstance(task.target, Flag) else ""
        self._unit = task.unit
        if self._amount not in present:
            self._amount = ""
        if not self._time:
            return "the data has no time"
        if not self._entities:
            return f"the data has none of {', '.join(self._asked or groups)}"
        self._memory = self._empty()
        return ""

    def columns(self) -> tuple[Column, ...]:
        """In the order of `features`."""
        return tuple(column for entity in self._entities for column in self._columns_of(entity))

    def _columns_of(self, entity: str) -> list[Column]:
        found: list[Column] = []

        def add(what: str, span: str, help: str, says: str) -> None:
            # Of counts over several spans, and of means and shares, reasons name the most unusual one.
            name = f"{entity}_{what}_{span}" if span else f"{entity}_{what}"
            found.append(Number(name, help=help, required=False, of=f"{entity}_{what}", says=says))

        unit, amount = self._unit, self._amount
        for span in self._spans:
            text = f"{unit} of this {entity} in the last {in_words(span)}"
            add("count", span, text, text + ": {:,.0f}")
        for span in self._spans if amount else ():
            text = f"mean {amount} of this {entity} in the last {in_words(span)}"
            add("mean", span, text, text + ": {:,.2f}")
        if amount:
            text = f"{amount} over the mean of this {entity}'s {unit} before"
            add(
                "ratio",
                "",
                text,
                f"{amount} " + "{:,.1f} times the mean of " + f"this {entity}'s {unit} before",
            )
        text = f"hours since this {entity} came last"
        add("since", "", text, "{:,.1f} " + text)
        for span in self._risk_spans():
            over = "" if in_words(span)[0].isdigit() else "1 "
            text = f"{self._positive}s among {unit} of this {entity} with a known outcome, over {over}{in_words(span)}"
            add("risk", span, f"share of {text}", "{:.0%} " + text)
        return found

    def _features_of(
        self, entity: str, known: Memory, place: NDArray[np.int64]
    ) -> dict[str, NDArray[np.float64]]:
        """The columns [N] of one entity, for the rows at those places among all that are known."""
        result = {column.name: np.full(len(place), np.nan) for column in self._columns_of(entity)}
        size = len(known["time"])
        asked = np.full(size, -1, np.int32)  # where the row at a place was asked for last
        asked[place] = np.arange(len(place))
        # All rows of an entity are in one bucket, and one bucket is in work at a time.
        buckets = 1 + size // ROWS_AT_ONCE
        bucket_of = (known[entity] % buckets).astype(np.uint16)
        bucket_of[known[entity] == NEVER] = buckets
        for bucket in range(buckets):
            at = np.flatnonzero(bucket_of == bucket)
            part = past_features(self._arrow(known, entity, at), entity, self._spans, delay=self._delay)
            found = {name: part[name].to_numpy().astype(np.float64) for name in part.columns}
            order = part["order"].to_numpy()
            amount = known["amount"][order].astype(np.float64) / UNIT
            amount[known["amount"][order] == NEVER] = np.nan
            target = asked[order]
            wanted = target >= 0
            for name, values in self._named(entity, found, amount):
                result[name][target[wanted]] = values[wanted]
        # Of a row that is given twice, both have what the one place has.
        last = asked[place]
        again = np.flatnonzero(last != np.arange(len(place)))
        for values in result.values() if len(again) else ():
            values[again] = values[last[again]]
        return result

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """Column name -> values [N], worked out entity by entity as they are asked for: all at once may be large."""
        known, place = self._joined(self._rows(examples, truth))
        owners = {column.name: entity for entity in self._entities for column in self._columns_of(entity)}
        return _EntityByEntity(owners, lambda entity: self._features_of(entity, known, place))

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> None:
        """None: what it knows is for the model to weigh."""

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Take the rows in, once each by their id; of those known already, only a label that was not."""
        rows = self._rows(examples, truth)
        known, _ = self._joined(rows)
        timed = known["time"] != NEVER
        # Of these rows, and not of all: rows older than what is known may be followed by others as old.
        latest = rows["time"].max(initial=NEVER)
        if latest == NEVER:
            latest = known["time"][timed].max(initial=NEVER)
        # As much again as labels take, for rows that are delivered late.
        keep = timed & (known["time"] > latest - max(self._spans.values()) - 2 * self._delay - DAY)
        self._memory = {name: values[keep] for name, values in known.items()}

    def state(self) -> State:
        return State(
            tree={"entities": list(self._entities), "rows": len(self._memory["time"])}, arrays=self._memory
        )

    def load(self, state: State) -> None:
        if list(state.tree["entities"]) != list(self._entities) or set(state.arrays) != set(self._empty()):
            raise VertikitError(
                f"the state is of {', '.join(state.tree['entities'])}, and the run has {', '.join(self._entities)}.",
                "Take the state of this run.",
            )
        self._memory = {name: np.asarray(values, np.int64) for name, values in state.arrays.items()}

    def _risk_spans(self) -> list[str]:
        return [name for name, span in self._spans.items() if span >= DAY] if self._positive else []

    def _empty(self) -> Memory:
        return {name: np.empty(0, np.int64) for name in ("id", "time", "amount", "label", *self._entities)}

    def _rows(self, examples: Examples, truth: NDArray[np.object_] | None) -> Memory:
        """The examples as integers; a column that they lack is as if it were empty."""
        there = set(examples.table.column_names)
        nothing = np.full(len(examples), NEVER)
        rows = self._empty() | {"time": nothing}
        if self._time in there:
            times = examples.numbers(self._time)
            rows["time"] = np.where(np.isfinite(times), np.nan_to_num(times), NEVER).astype(np.int64)
        rows["id"] = _hashes(examples, self._id) if self._id in there else nothing
        rows["amount"] = np.full(len(examples), NEVER)
        if self._amount in there:
            amounts = examples.numbers(self._amount)
            usable = np.isfinite(amounts)
            if (np.abs(amounts[usable]) > MOST).any():
                raise VertikitError(
                    f"{self._amount} is beyond {MOST:,} in some rows, so sums of it are not exact.",
                    "Mend those rows, or give all in a larger unit.",
                )
            rows["amount"][usable] = np.round(amounts[usable] * UNIT).astype(np.int64)
        rows["label"] = np.full(len(examples), NEVER)
        if truth is not None and self._positive:
            told = np.array([each is not None for each in truth], bool)
            rows["label"][told] = (truth[told] == self._positive).astype(np.int64)
        for entity in self._entities:
            rows[entity] = _hashes(examples, entity) if entity in there else nothing
        return rows

    def _joined(self, rows: Memory) -> tuple[Memory, NDArray[np.int64]]:
        """What is remembered with the rows that are new, and the place of each row there."""
        memory = self._memory
        held = len(memory["time"])
        if not held:
            return rows, np.arange(len(rows["time"]))
        order = np.argsort(memory["id"], kind="stable")
        ids = memory["id"][order]
        at = np.minimum(np.searchsorted(ids, rows["id"]), held - 1)
        seen = (ids[at] == rows["id"]) & (rows["id"] != NEVER)
        # An id that another file uses for another payment is no sign of the same one.
        for name in ("time", *self._entities):
            seen &= memory[name][order[at]] == rows[name]
        place = np.empty(len(rows["id"]), np.int64)
        place[~seen] = held + np.arange(int((~seen).sum()))
        if seen.any():
            place[seen] = order[at[seen]]
        joined = {name: np.concatenate([memory[name], rows[name][~seen]]) for name in memory}
        late = seen & (rows["label"] != NEVER)
        joined["label"][place[late]] = rows["label"][late]
        return joined, place

    def _arrow(self, known: Memory, entity: str, at: NDArray[np.int64]) -> Any:
        """The rows at those places."""
        import pyarrow as pa

        columns: dict[str, Any] = {"order": pa.array(at)}
        for name in ("time", "amount", "label", entity):
            values = known[name][at]
            columns[name] = pa.array(values, mask=values == NEVER)
        return pa.table(columns)

    def _named(
        self, entity: str, found: Mapping[str, NDArray[np.float64]], amount: NDArray[np.float64]
    ) -> Iterator[tuple[str, NDArray[np.float64]]]:
        """The columns of one entity from its counts and sums."""
        with np.errstate(divide="ignore", invalid="ignore"):
            for span in self._spans:
                yield f"{entity}_count_{span}", found[f"{entity}_count_{span}"]
            for span in self._spans if self._amount else ():
                mean = found[f"{entity}_sum_{span}"] / found[f"{entity}_amounts_{span}"] / UNIT
                yield f"{entity}_mean_{span}", _finite(mean)
            if self._amount:
                before = found[f"{entity}_total"] / found[f"{entity}_before"] / UNIT
                yield f"{entity}_ratio", np.clip(_finite(amount / before), -1e6, 1e6)
            since = found[f"{entity}_since"]
            # Beyond the longest window, what is remembered does not reach.
            yield f"{entity}_since", np.where(since < max(self._spans.values()), since / HOUR, np.nan)
            for span in self._risk_spans():
                risk = found[f"{entity}_frauds_{span}"] / found[f"{entity}_known_{span}"]
                yield f"{entity}_risk_{span}", np.where(found[f"{entity}_known_{span}"] == 0, 0.0, risk)


class _EntityByEntity(Mapping[str, "NDArray[np.float64]"]):
    """Columns by name; those of one entity are worked out together, and kept until another's are asked for."""

    def __init__(
        self, owners: Mapping[str, str], work_out: Callable[[str], dict[str, NDArray[np.float64]]]
    ) -> None:
        self._owners, self._work_out = owners, work_out
        self._entity = ""
        self._found: dict[str, NDArray[np.float64]] = {}

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        entity = self._owners[name]
        if entity != self._entity:
            self._found = {}  # before the next are worked out, so that they never stand side by side
            self._entity, self._found = entity, self._work_out(entity)
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._owners)

    def __len__(self) -> int:
        return len(self._owners)


def _hashes(examples: Examples, column: str) -> NDArray[np.int64]:
    """[N] a number for each name, the same in any process; `NEVER` where there is none."""
    result = np.empty(len(examples), np.int64)
    for start in range(0, len(examples), PIECE):
        stop = min(start + PIECE, len(examples))
        codes, names = examples.take(np.arange(start, stop)).coded(column)
        digests = b"".join([blake2b(str(name).encode(), digest_size=8).digest() for name in names])
        result[start:stop] = np.append(np.frombuffer(digests, np.int64), NEVER)[codes]
    return result


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nan)
