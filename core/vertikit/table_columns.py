"""Columns of tables: measured numbers, categories, points in time, and a target of two classes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from vertikit.columns import Column, Role

if TYPE_CHECKING:
    import pyarrow as pa

MICROSECOND = 1_000_000
"""Of these a second has: the unit of every point in time."""
EARLIEST, LATEST = -2_208_988_800 * MICROSECOND, 7_289_654_400 * MICROSECOND
"""The beginning of 1900 and the end of 2200."""
LARGEST = 1e15
"""A number beyond this measures nothing, and its square is past what single precision holds apart."""
FALSE = frozenset({"0", "false", "no", "n", "f", "off", "-"})
TRUE = frozenset({"1", "true", "yes", "y", "t", "on", "+"})


@dataclass(frozen=True)
class Number(Column):
    """A measured number; `minimum` and `maximum` bound what is taken for one.

    `of` names what it was computed from, a column or a history: reasons then speak of that once. `says` is how a reason
    puts a value in words, with the value in its braces: "{:,.1f} hours since the last one".
    """

    arrow: ClassVar[str] = "double"
    modality: ClassVar[str] = "table"
    minimum: float = -LARGEST
    maximum: float = LARGEST
    of: str = ""
    says: str = ""

    def parse(self, raw: str) -> float:
        try:
            value = float(raw)
        except ValueError:
            raise ValueError("is no number") from None
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        if not self.minimum <= value <= self.maximum:
            raise ValueError(f"lies outside {self.minimum:g} to {self.maximum:g}")
        return value + 0.0

    def parse_all(self, raw: pa.Array) -> pa.Array | None:
        """All cells at once, where each holds a number or nothing; None where some need to be looked at."""
        import pyarrow as pa
        import pyarrow.compute as pc

        try:
            values = pc.cast(pc.if_else(pc.equal(raw, ""), None, raw), pa.float64())
        except pa.ArrowInvalid:
            return None
        return self._within(values)

    def take_all(self, values: pa.Array) -> pa.Array | None:
        """Of whole and of floating numbers, where each is a number in range or missing."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.types as kinds

        if not (kinds.is_integer(values.type) or kinds.is_floating(values.type)):
            return None
        try:
            found = values.cast(pa.float64())
        except pa.ArrowInvalid:  # a whole number that no double is
            return None
        nothing = pa.scalar(None, pa.float64())  # NaN is how files of numbers write a gap
        return self._within(pc.if_else(pc.is_nan(found), nothing, found))

    def _within(self, values: pa.Array) -> pa.Array | None:
        """The values, or None where one is out of range."""
        import pyarrow.compute as pc

        # NaN is no number of a range, so a cell that says "nan" goes the slow way, where it counts as missing.
        if len(values) == values.null_count:
            return values
        ends = pc.min_max(values)
        low, high = ends["min"].as_py(), ends["max"].as_py()
        if not self.minimum <= low <= high <= self.maximum or pc.any(pc.is_nan(values)).as_py():
            return None
        return pc.add(values, 0.0)  # makes -0 0, as `parse` does

    def json_schema(self) -> dict[str, Any]:
        ends = {"minimum": self.minimum, "maximum": self.maximum}
        found = {key: value for key, value in ends.items() if abs(value) != LARGEST}
        return {"type": "number", "description": self.help, **found}


@dataclass(frozen=True)
class Category(Column):
    """One of a set of kinds, which training finds in the data."""

    modality: ClassVar[str] = "table"

    def parse(self, raw: str) -> str:
        if "\x00" in raw:
            raise ValueError("holds a NUL byte: the file is damaged or not text")
        if len(raw) > 200:
            raise ValueError("is longer than 200 characters: this is no category")
        return " ".join(raw.split())


@dataclass(frozen=True)
class Timestamp(Column):
    """A point in time, kept as microseconds since 1970 UTC; ISO 8601, with a zone or (taken as it stands) without."""

    arrow: ClassVar[str] = "int64"
    modality: ClassVar[str] = "table"

    def parse(self, raw: str) -> int:
        try:
            value = datetime.fromisoformat(raw.strip())
        except ValueError:
            raise ValueError("is no date or time of the form 2025-03-01 or 2025-03-01T12:30:00") from None
        if not 1900 <= value.year <= 2200:
            raise ValueError("is a year outside 1900 to 2200")
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        since = value - datetime(1970, 1, 1, tzinfo=UTC)
        return (since.days * 86_400 + since.seconds) * MICROSECOND + since.microseconds

    def parse_all(self, raw: pa.Array) -> pa.Array | None:
        """All cells at once, where each is a plain ISO time or nothing, and all have a zone or none has."""
        import pyarrow as pa
        import pyarrow.compute as pc

        cells = pc.if_else(pc.equal(raw, ""), pa.scalar(None, pa.string()), raw)
        for zone in (None, "UTC"):
            try:
                values = pc.cast(pc.cast(cells, pa.timestamp("us", zone)), pa.int64())
            except pa.ArrowInvalid:
                continue
            within = pc.and_(pc.greater_equal(values, EARLIEST), pc.less(values, LATEST))
            return values if pc.all(within, skip_nulls=True).as_py() in (True, None) else None
        return None

    def take_all(self, values: pa.Array) -> pa.Array | None:
        """Of points in time without a zone, as they stand."""
        import pyarrow as pa
        import pyarrow.compute as pc
        import pyarrow.types as kinds

        if not kinds.is_timestamp(values.type) or values.type.tz is not None:
            return None
        try:
            found = values.cast(pa.timestamp("us")).cast(pa.int64())
        except pa.ArrowInvalid:  # nanoseconds
            return None
        within = pc.and_(pc.greater_equal(found, EARLIEST), pc.less(found, LATEST))
        return found if pc.all(within, skip_nulls=True).as_py() in (True, None) else None

    def spelling(self, raw: str) -> str:
        text = raw.strip()
        zoned = text.endswith(("Z", "z")) or "+" in text[10:] or "-" in text[10:]
        return "with a time zone" if zoned else "without a time zone"

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "description": self.help}


@dataclass(frozen=True)
class Time(Timestamp):
    """When it happened: rows are put in order by it, and a split by time goes along it.

    What has happened lies in the past: a time beyond tomorrow is a slip of a clock, and one such row would be
    the whole of the latest days, so it is refused (a day is left for zones).

    Args:
        to_come: whether rows may be of a time to come all the same: of a plan, or with what is known ahead.
    """

    to_come: bool = False

    def parse(self, raw: str) -> int:
        value = super().parse(raw)
        if value > _tomorrow() and not self.to_come:
            raise ValueError("lies in the future")
        return value

    def parse_all(self, raw: pa.Array) -> pa.Array | None:
        """As for any point in time, where none lies in the future."""
        found = super().parse_all(raw)
        return found if self.to_come else _past(found)

    def take_all(self, values: pa.Array) -> pa.Array | None:
        """The same."""
        found = super().take_all(values)
        return found if self.to_come else _past(found)


def _past(times: pa.Array | None) -> pa.Array | None:
    """The times, or None where one lies in the future."""
    import pyarrow.compute as pc

    if times is None:
        return None
    latest = pc.max(times).as_py()
    return times if latest is None or latest <= _tomorrow() else None


def _tomorrow() -> int:
    return (int(datetime.now(UTC).timestamp()) + 86_400) * MICROSECOND


@dataclass(frozen=True)
class Flag(Column):
    """A target of two classes, of which one is looked for: the column's own name, and `negative`.

    Args:
        negative: what a row is that is not so.
        positives, negatives: words for the two in files, beside 1 and 0, yes and no, true and false.
    """

    role: ClassVar[Role] = "target"
    negative: str = "not"
    positives: tuple[str, ...] = ()
    negatives: tuple[str, ...] = ()

    @property
    def positive(self) -> str:
        return self.name

    def rank(self, value: str) -> bool:
        return value == self.positive

    def parse(self, raw: str) -> str:
        word = " ".join(raw.split()).casefold()
        number = word.removesuffix(".0")
        if number in TRUE or word in {each.casefold() for each in (self.positive, *self.positives)}:
            return self.positive
        if number in FALSE or word in {each.casefold() for each in (self.negative, *self.negatives)}:
            return self.negative
        raise ValueError("is neither yes nor no (1 or 0, true or false)")

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": [self.negative, self.positive], "description": self.help}
