"""Weather as it moves demand: how much is heated and how much is cooled."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vertikit import Column, Series, Task
from vertikit.contracts import State, Use

if TYPE_CHECKING:
    from vertikit.contracts import Examples, Rulings


class Weather:
    """Heating and cooling degrees, and the temperature, of every step.

    The weather of a step to come is not known. Without a forecast of it in the data, that of as many steps before as
    are foretold stands in its place: it is known at every origin. With one, say so.

    Args:
        temperature: the column, in degrees.
        forecast: whether the column holds weather forecasts for the steps to come, which are known ahead.
        heated_below: degrees below which is heated.
        cooled_above: degrees above which is cooled.
        use: features alone.
    """

    remembers = False

    def __init__(
        self,
        temperature: str = "temperature",
        forecast: bool = False,
        heated_below: float = 18.0,
        cooled_above: float = 22.0,
        use: Sequence[Literal["features"]] = ("features",),
    ) -> None:
        self.use: tuple[Use, ...] = tuple(use)
        self._column, self._forecast = temperature, forecast
        self._low, self._high = heated_below, cooled_above

    def begin(self, task: Task, present: Collection[str]) -> str:
        """It needs a forecast, and the column."""
        if not task.target.ahead:
            return "it tells of the steps of a forecast, and the target is none"
        return "" if self._column in present else f"the data has no column {self._column!r}"

    def columns(self) -> tuple[Column, ...]:
        return tuple(
            Series(f"weather.{name}", "from the weather that is known", required=False)
            for name in ("temperature", "heating", "cooling")
        )

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """[M] each, NaN where it is not known."""
        del truth
        windows = examples.windows
        assert windows is not None and windows.ahead is not None
        degrees = np.asarray(windows.readings[:, windows.names.index(self._column)])
        if not self._forecast:
            degrees = _before(degrees, windows.ahead.stamps, windows.ahead.horizon)
        return {
            "weather.temperature": degrees,
            "weather.heating": np.maximum(self._low - degrees, 0),
            "weather.cooling": np.maximum(degrees - self._high, 0),
        }

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> Rulings | None:
        """None: weather overrules nobody."""
        del examples, labels
        return None

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Nothing."""

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""


def _before(values: NDArray[np.float64], stamps: NDArray[np.float64], steps: int) -> NDArray[np.float64]:
    """[M] the values so many readings before; none of another series, whose times begin anew."""
    found = np.full(len(values), np.nan)
    if len(values) <= steps:
        return found
    series = np.concatenate([[0], np.cumsum(np.diff(stamps) <= 0)])
    same = series[steps:] == series[:-steps]
    found[steps:] = np.where(same, values[:-steps], np.nan)
    return found
