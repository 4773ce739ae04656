"""What the calendar says of every step: nobody needs data for it, and it is known for the steps to come."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from vertikit import Column, Series, Task, UsageError
from vertikit.contracts import State, Use

if TYPE_CHECKING:
    from vertikit.contracts import Examples, Rulings

DAY, WEEK, YEAR = 86_400.0, 7 * 86_400.0, 365.2425 * 86_400.0
TURNS: Mapping[str, tuple[float, int]] = {"day": (DAY, 3), "week": (WEEK, 2), "year": (YEAR, 1)}
"""A turn -> its length in seconds, and how many waves of it are given."""
SUNDAY = 6


class Calendar:
    """Waves of the day, the week and the year, whether a day is free, and whether the next one is.

    A holiday has the demand of a Sunday more than that of its day of the week, so the wave of the week is that of a
    Sunday there.

    Args:
        holidays: "us": federal holidays of the United States (pandas); "none": no others than `further`.
        further: more holidays, as 2025-12-24.
        use: features alone.
    """

    remembers = False

    def __init__(
        self,
        holidays: Literal["us", "none"] = "us",
        further: Sequence[str] = (),
        use: Sequence[Literal["features"]] = ("features",),
    ) -> None:
        self.use: tuple[Use, ...] = tuple(use)
        self._us = holidays == "us"
        try:
            self._further = np.array([np.datetime64(each, "D") for each in further], "datetime64[D]")
        except ValueError:
            raise UsageError(
                f"expert 'city-calendar': {', '.join(further)} are no days.", "Write 2025-12-24."
            ) from None

    def begin(self, task: Task, present: Collection[str]) -> str:
        """It needs the times of steps, which forecasts have."""
        del present
        return "" if task.target.ahead else "it tells of the steps of a forecast, and the target is none"

    def columns(self) -> tuple[Column, ...]:
        return tuple(Series(name, "what the calendar says", required=False) for name in _names())

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """[M] each, of all readings and of the steps to come."""
        del truth
        assert examples.windows is not None and examples.windows.ahead is not None
        stamps = examples.windows.ahead.stamps
        days = np.floor(stamps / DAY).astype(np.int64)
        free = self._free(days)
        found: dict[str, NDArray[np.float64]] = {}
        for turn, (length, waves) in TURNS.items():
            # 1970 began on a Thursday; weeks are counted from Monday.
            since = stamps + 3 * DAY if turn == "week" else stamps
            if turn == "week":
                since = np.where(free, SUNDAY * DAY + stamps % DAY, since)
            for wave in range(1, waves + 1):
                angle = 2 * np.pi * wave * since / length
                found[f"calendar.{turn}-{wave}-sin"] = np.sin(angle)
                found[f"calendar.{turn}-{wave}-cos"] = np.cos(angle)
        found["calendar.free"] = (free | ((days + 3) % 7 >= 5)).astype(np.float64)
        found["calendar.free-tomorrow"] = (self._free(days + 1) | ((days + 4) % 7 >= 5)).astype(np.float64)
        return found

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> Rulings | None:
        """None: a calendar overrules nobody."""
        del examples, labels
        return None

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Nothing."""

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""

    def _free(self, days: NDArray[np.int64]) -> NDArray[np.bool_]:
        """[M] whether days since 1970 are holidays."""
        known = self._further
        if self._us and len(days):
            first, last = (np.datetime64(int(each), "D") for each in (days.min(), days.max()))
            known = np.concatenate([known, _federal(str(first), str(last))])
        return np.isin(days, known.astype(np.int64))


def _names() -> list[str]:
    waves = [
        f"calendar.{turn}-{wave}-{kind}"
        for turn, (_, count) in TURNS.items()
        for wave in range(1, count + 1)
        for kind in ("sin", "cos")
    ]
    return [*waves, "calendar.free", "calendar.free-tomorrow"]


def _federal(first: str, last: str) -> NDArray[Any]:
    """Federal holidays of the United States from day to day."""
    from pandas.tseries.holiday import USFederalHolidayCalendar

    found = USFederalHolidayCalendar().holidays(first, last)
    return found.to_numpy().astype("datetime64[D]")
