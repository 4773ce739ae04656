"""Typed columns: what a task takes, what it predicts, and the roles that shape its protocol.

Every loader gives strings; a column says how one is parsed, what is refused and why, and how it is
described in a JSON Schema. Importable without torch, pandas or pyarrow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.outcome import Outcome

Role = Literal["input", "target", "group", "id", "sensitive", "reference", "mask"]

MISSING = frozenset({"", "nan", "na", "n/a", "#n/a", "null", "<na>"})
"""Cells that hold nothing, after stripping and case folding. "none" is not one: it is a label in use."""


def is_missing(raw: str | None) -> bool:
    """Whether a cell holds nothing."""
    return raw is None or raw.strip().casefold() in MISSING


@dataclass(frozen=True)
class Column:
    """One column of a task.

    Args:
        name: the task's own name for it, to which `--map` ties a column of the user's file.
        help: one sentence for a user who knows the trade.
        required: whether data without it is refused (targets: for training and evaluation only).
        private: whether its values stay out of logs, reports and quarantine files.
        aliases: other names it goes by in files; suggested, never taken silently.
    """

    name: str
    help: str = ""
    required: bool = True
    private: bool = False
    aliases: tuple[str, ...] = ()

    role: ClassVar[Role] = "input"
    arrow: ClassVar[str] = "string"

    ordered: ClassVar[bool] = False
    """Whether the values of a target are steps of a scale."""

    several: ClassVar[str] = ""
    """What stands between several values in one cell; "" where there is one."""

    names_pieces: ClassVar[bool] = False
    """Whether values of several columns of a file are read with the names of these, as `NAME=VALUE`."""

    may_be_empty: ClassVar[bool] = False
    """Whether a cell that holds nothing is a value, and not a missing one."""

    absent: ClassVar[str] = ""
    """What a target is in all training rows of a file that has no such column; "" where it has to have one."""

    modality: ClassVar[str] = ""
    """What kind of encoder reads it: "text", "table", "series" or "image", or "" for none."""

    ahead: ClassVar[bool] = False
    """Whether a target is what follows in its own column: a row without it is a gap, and no bad row."""

    @property
    def type_name(self) -> str:
        return type(self).__name__.lower()

    def rank(self, value: str) -> Any:
        """What the classes of a target are sorted by."""
        return value

    def parse(self, raw: str) -> Any:
        """The value of a cell that is not missing; ValueError with the reason where it cannot be used."""
        return raw.strip()

    def parse_all(self, raw: pa.Array) -> pa.Array | None:
        """What `parse` gives for all cells [N] at once, null for those that hold nothing.

        None where they have to be taken one by one, and where they are spelt in several ways.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        if type(self).parse is not Column.parse:
            return None
        if pc.any(pc.match_substring_regex(raw, "[\x1c-\x1f]")).as_py():
            return None  # Python strips these separators, Arrow does not
        cells = pc.utf8_trim_whitespace(raw)
        missing = pc.is_in(pc.utf8_lower(cells), pa.array(sorted(MISSING)))
        return pc.if_else(missing, pa.scalar(None, pa.string()), cells)

    def take_all(self, values: pa.Array) -> pa.Array | None:  # noqa: ARG002
        """Values [N] of a file that has types, as `parse` gives them for what they are as text; None where they have to
        be written as text and parsed."""
        return None

    def spelling(self, raw: str) -> str:  # noqa: ARG002
        """Which of several ways of writing a cell has, where a column must not mix them."""
        return ""

    def outcome(self, values: Sequence[Any]) -> Outcome:  # noqa: ARG002
        """What an answer to this target is, judged by its parsed values in the training data: a class, or a number."""
        from vertikit.outcome.classes import Classes

        return Classes()

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of one value."""
        return {"type": "string", "description": self.help}


@dataclass(frozen=True)
class Text(Column):
    """Free text.

    Args:
        max_characters: bounds what is taken for text at all.
        may_be_empty: whether a cell that holds nothing is an empty text, and not a missing one.
        several: what stands between texts that are equally good, in one cell; several columns of a file may then be
            mapped to it, as in `--map NAME=ONE+OTHER`.
    """

    modality: ClassVar[str] = "text"
    max_characters: int = 1_000_000
    may_be_empty: bool = False  # type: ignore[misc]
    several: str = ""  # type: ignore[misc]

    def parse(self, raw: str) -> str:
        if "\x00" in raw:
            raise ValueError("holds a NUL byte: the file is damaged or not text")
        if len(raw) > self.max_characters:
            raise ValueError(f"is longer than {self.max_characters:,} characters")
        return raw.strip()


@dataclass(frozen=True)
class Label(Column):
    """A target: one of a set of classes, which training finds in the data."""

    role: ClassVar[Role] = "target"

    def parse(self, raw: str) -> str:
        if "\x00" in raw:
            raise ValueError("holds a NUL byte: the file is damaged or not text")
        if len(raw) > 200:
            raise ValueError("is longer than 200 characters: this is no class name")
        return " ".join(raw.split())


@dataclass(frozen=True)
class Grade(Column):
    """A target: points on a scale. On a scale of few steps these are classes, in rising order; on a finer or a
    continuous one a grade is a number.

    Args:
        minimum, maximum: the ends of the scale; a grade outside is refused. Without them the data says.
        step: the distance of two steps; a grade between two is refused. 0: there are none. Without it the data says.
    """

    role: ClassVar[Role] = "target"
    ordered: ClassVar[bool] = True
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None

    def parse(self, raw: str) -> str:
        """The grade in one spelling: "2.0", "2" and "2,0" are "2"."""
        try:
            value = float(raw.strip().replace(",", ".", 1))
        except ValueError:
            raise ValueError("is no number") from None
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= value <= high:
            raise ValueError(f"lies outside the scale from {low:g} to {high:g}")
        if self.step:
            steps = (value - (self.minimum or 0.0)) / self.step
            if abs(steps - round(steps)) > 1e-6:
                raise ValueError(f"is no step of the scale (every {self.step:g})")
        return f"{value + 0.0:.12g}"

    def rank(self, value: str) -> float:
        return float(value)

    def outcome(self, values: Sequence[Any]) -> Outcome:
        from vertikit.outcome.classes import Classes
        from vertikit.outcome.numbers import Numbers
        from vertikit.scale import MOST_STEPS, found_scale

        numbers = sorted({float(value) for value in values if value is not None})
        if not numbers:
            return Classes()
        scale = found_scale(numbers, self.minimum, self.maximum, self.step)
        return Classes(scale=scale) if scale.step and len(numbers) <= MOST_STEPS else Numbers(scale)

    def json_schema(self) -> dict[str, Any]:
        ends = {"minimum": self.minimum, "maximum": self.maximum, "multipleOf": self.step}
        found = {key: value for key, value in ends.items() if value is not None}
        return {"type": "number", "description": self.help, **found}


@dataclass(frozen=True)
class Value(Column):
    """A target: a number, such as a dose, a yield or a time left.

    Args:
        minimum, maximum: what no value lies beyond; one that does is refused, and no answer goes there.
    """

    role: ClassVar[Role] = "target"
    arrow: ClassVar[str] = "double"
    minimum: float | None = None
    maximum: float | None = None

    def parse(self, raw: str) -> float:
        try:
            value = float(raw.strip())
        except ValueError:
            raise ValueError("is no number") from None
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= value <= high:
            raise ValueError(f"lies outside the scale from {low:g} to {high:g}")
        return value + 0.0

    def outcome(self, values: Sequence[Any]) -> Outcome:  # noqa: ARG002
        from vertikit.outcome.numbers import Numbers
        from vertikit.scale import Scale

        return Numbers(Scale(self.minimum, self.maximum, stated=True))

    def json_schema(self) -> dict[str, Any]:
        ends = {"minimum": self.minimum, "maximum": self.maximum}
        found = {key: value for key, value in ends.items() if value is not None}
        return {"type": "number", "description": self.help, **found}


@dataclass(frozen=True)
class Reference(Column):
    """A second opinion on the target: another grader, another reading. Never an input; the model stands beside it.

    Args:
        like: the target, whose values it has.
    """

    role: ClassVar[Role] = "reference"
    required: bool = False
    like: Column = field(default_factory=lambda: Column(""))

    @property
    def arrow(self) -> str:  # type: ignore[override]
        return self.like.arrow

    def parse(self, raw: str) -> Any:
        return self.like.parse(raw)

    def json_schema(self) -> dict[str, Any]:
        return {**self.like.json_schema(), "description": self.help}


@dataclass(frozen=True)
class Group(Column):
    """What rows have in common (a patient, a student, a card) and what a split never divides.

    Args:
        known_in: test parts that are there to hold new rows of groups that training knows.
        crosses_time: whether a split by time leaves a group's past in training and its future in a test, as the
            trade meets it (a card).
        kept_whole: whether a split divides none; else it is told how many are on both sides.
    """

    role: ClassVar[Role] = "group"
    required: bool = False
    known_in: tuple[str, ...] = ()
    crosses_time: bool = False
    kept_whole: bool = True

    @property
    def unit(self) -> str:
        """What one group is, in a sentence: "question" for `question_id`."""
        return self.name.removesuffix("_id").replace("_", " ")


@dataclass(frozen=True)
class Id(Column):
    """Names a row; unique, kept beside its prediction, never an input."""

    role: ClassVar[Role] = "id"
    required: bool = False


@dataclass(frozen=True)
class Sensitive(Column):
    """Never an input by default; every report is sliced by it.

    `bands` are the lower ends of numeric bands (18, 40, 65 gives <18, 18-39, 40-64, 65+); without
    them the values are categories.
    """

    role: ClassVar[Role] = "sensitive"
    required: bool = False
    bands: tuple[float, ...] = ()

    def parse(self, raw: str) -> str:
        """The slice that a value falls into."""
        if not self.bands:
            return raw.strip()
        value = float(raw)
        if not math.isfinite(value):
            raise ValueError("is not a finite number")
        for lower, upper in zip((-math.inf, *self.bands), (*self.bands, math.inf), strict=True):
            if lower <= value < upper:
                return _band(lower, upper)
        raise AssertionError("bands cover the line")


def _band(lower: float, upper: float) -> str:
    if lower == -math.inf:
        return f"<{upper:g}"
    if upper == math.inf:
        return f"{lower:g}+"
    return f"{lower:g}-{upper - 1:g}"
