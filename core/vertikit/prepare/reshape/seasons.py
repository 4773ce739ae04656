"""What a calendar does to steps: days without weekends, months of different lengths, and after how many the course of a
series repeats."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DAY = 86_400.0
MONTH = (27.5 * DAY, 31.5 * DAY)
WEEKEND = 5
"""Days of the week from here on."""
LONG = 14 * DAY
"""A series of days without one weekend in so long a time has none."""


def weekday(time: NDArray[np.float64]) -> NDArray[np.int64]:
    """[N] 0 (Monday) to 6 of seconds since 1970, a Thursday."""
    import numpy as np

    return (np.floor(time / DAY).astype(np.int64) + 3) % 7


def steps_of_rows(time: NDArray[np.float64], usual: float) -> str:
    """Why steps cannot lie on a grid of equal distances, or ""."""
    if MONTH[0] <= usual <= MONTH[1]:
        return "steps are months"
    if usual > 80 * DAY:
        return "steps are quarters or years"
    if usual == DAY and time.max() - time.min() > LONG and (weekday(time) < WEEKEND).all():
        return "steps are days without weekends"
    return ""


def continued(time: NDArray[np.float64], length: int, usual: float) -> NDArray[np.float64]:
    """Times [n] in rising order, and those to come up to `length`, as the calendar goes on."""
    import numpy as np

    more = length - len(time)
    last, count = time[-1], np.arange(1, more + 1)
    if more <= 0:
        return time[:length]
    if steps_of_rows(time, usual) == "steps are days without weekends":
        day = np.datetime64(int(last // DAY), "D")
        further = np.busday_offset(day, count, roll="forward").astype(np.int64) * DAY + last % DAY
    elif MONTH[0] <= usual <= MONTH[1]:
        day = np.datetime64(int(last // DAY), "D")
        month = day.astype("datetime64[M]")
        within = int((day - month.astype("datetime64[D]")).astype(np.int64))
        starts = (month + count).astype("datetime64[D]").astype(np.int64)
        days = (month + count + 1).astype("datetime64[D]").astype(np.int64) - starts
        further = (starts + np.minimum(within, days - 1)) * DAY + last % DAY
    else:
        further = last + usual * count
    return np.concatenate([time, further])


def season_of(usual: float, weekdays_only: bool) -> int:
    """Steps after which a series whose steps take so many seconds repeats: a day, a week, a year; 1 where nothing is
    usual."""
    if usual <= DAY / 2:
        return max(1, round(DAY / usual))
    if usual <= DAY * 1.5:
        return WEEKEND if weekdays_only else 7
    if MONTH[0] <= usual <= MONTH[1]:
        return 12
    return 4 if 85 * DAY <= usual <= 95 * DAY else 1
