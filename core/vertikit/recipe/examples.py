"""The parts of a recipe that say how rows become examples, and these the parts of a split."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from vertikit.durations import PATTERN
from vertikit.recipe.strict import Strict


class SplitChoice(Strict):
    name: str = Field("auto", description="a split by name; auto takes the first of the protocol's that fits")
    test: float = Field(
        0.2,
        ge=0,
        lt=1,
        description="share of examples (whole groups) kept for the test; 0: the parts named with --test are the tests",
    )
    valid: float = Field(0.15, gt=0, lt=1, description="share of the rest kept for validation")
    gap: str | None = Field(
        None,
        pattern=PATTERN,
        description="by time: how long labels take to be known, such as 7d; rows of that time train nothing",
    )
    train_span: str | None = Field(
        None, pattern=PATTERN, description="by time: only so much before the gap trains, such as 30d"
    )
    test_span: str | None = Field(None, pattern=PATTERN, description="by time: of the test, for its share")
    valid_span: str | None = Field(None, pattern=PATTERN, description="by time: of validation, for its share")
    fold: str | None = Field(
        None,
        pattern=r"^[1-9]\d*/[1-9]\d*$",
        description="2/5: the second of five parts is the test, each of which is one once; null: a share of the rows",
    )
    seed: int | None = Field(
        None, ge=0, lt=2**31, description="by which rows are dealt to the parts; null: the recipe's"
    )
    sizes: Annotated[list[Annotated[int, Field(ge=1)]], Field(min_length=3, max_length=3)] | None = Field(
        None,
        description="walk-forward: steps that train, validate and test, such as [8640, 2880, 2880]; null: shares",
    )
    known: str | None = Field(
        None, description="by time: a group known by then to have this class is not tested any more"
    )

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


Duration = Annotated[str, Field(pattern=PATTERN)]


class Reshape(Strict):
    window: Annotated[int, Field(ge=2)] | Duration | None = Field(
        None,
        description="rows (60) or time (10min) in order that make up one example; null: each row, or recording, is one",
    )
    stride: Annotated[int, Field(ge=1)] | Duration | None = Field(
        None,
        description="from the start of a window to that of the next; null: a window, so that none overlap (of a "
        "forecast: one step)",
    )
    horizon: Annotated[int, Field(ge=1)] | Duration | None = Field(
        None,
        description="the target is whether it occurs within so many rows, or so long, after the window; null: as "
        "labelled in the window; of a forecast: how many steps, or how long, are foretold",
    )
    label: Literal["last", "any"] = Field(
        "last",
        description="without a horizon: the label of a window's last row, or whether any of its rows has it",
    )
    gap: Duration | None = Field(
        None,
        description="rows further apart stand in no window together; null: five times the usual distance",
    )
    context: Annotated[int, Field(ge=2)] | Duration | None = Field(
        None,
        description="of a forecast: steps (or time) up to the origin that an example holds; null: three horizons",
    )
    frequency: Duration | Literal["rows"] | None = Field(
        None,
        description="of a forecast: the distance of two steps; rows: each row is the next step, whatever its time; "
        "null: as the times show",
    )
    season: Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="of a forecast: steps after which the course repeats; null: a day, week or year, by the frequency",
    )
    known_ahead: list[str] = Field(
        default_factory=list,
        description="of a forecast: columns of numbers that are known for the steps to come (a price list, a holiday)",
    )
    most_missing: float = Field(
        0.5,
        ge=0,
        lt=1,
        description="of a forecast: share of the context, or of what follows, that may be missing",
    )
