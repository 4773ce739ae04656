"""A day's queue of alerts, without the kit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ALERT, PASS = "alert", "pass"
DAY = 86_400.0


def days(frame: Any) -> NDArray[np.int64]:
    """[N] the day of each row of a frame, or of arrays by name, by `time` in seconds; without a time all rows are of
    one day, and so are those that lack theirs."""
    if "time" not in frame:
        return np.zeros(len(frame["prediction"]), np.int64)
    seconds: NDArray[np.float64] = np.nan_to_num(np.asarray(frame["time"], np.float64))
    return np.asarray(np.floor(seconds / DAY), np.int64)


def queue(day: NDArray[np.int64], score: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    """[N] whether a row is among the `size` highest scores of its day, the earlier row first among equals."""
    order = np.argsort(-score, kind="stable")
    number = day - day.min(initial=0)
    if number.max(initial=0) < 2**16:  # small numbers are sorted digit by digit, several times quicker
        number = number.astype(np.uint16)
    order = order[np.argsort(number[order], kind="stable")]
    starts = np.flatnonzero(np.diff(day[order], prepend=day[order][:1] - 1))
    rank = np.arange(len(order)) - np.repeat(starts, np.diff(np.append(starts, len(order))))
    chosen = np.zeros(len(order), bool)
    chosen[order[rank < size]] = True
    return chosen


class Part:
    """Settings: budget, alerts a day; alert_cost, of looking into one."""

    def __init__(
        self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path | None = None
    ) -> None:
        del arrays, folder
        self._settings = settings

    def decide(self, frame: Mapping[str, Any], labels: Sequence[str]) -> tuple[list[str], list[str]]:
        """Decisions and reasons of the probability of the last label, by `time` and `amount` where they are known."""
        risk = np.asarray(frame[f"p.{labels[-1]}"], np.float64)
        loss, worth = risk, np.ones(len(risk), bool)
        if "amount" in frame:
            loss = risk * np.maximum(np.nan_to_num(np.asarray(frame["amount"], np.float64)), 0.0)
            worth = loss > self._settings["alert_cost"]
        chosen = queue(days(frame), np.where(worth, loss, -np.inf), self._settings["budget"]) & worth
        reasons = [self._reason(False, 0.0, 0.0, True)] * len(risk)
        for at in np.flatnonzero(chosen | ~worth | (loss != risk)).tolist():  # the others have that one
            reasons[at] = self._reason(bool(chosen[at]), float(risk[at]), float(loss[at]), bool(worth[at]))
        return np.where(chosen, ALERT, PASS).tolist(), reasons

    def _reason(self, alerted: bool, risk: float, loss: float, worth: bool) -> str:
        stake = f", expected loss {loss:,.2f}" if loss != risk else ""
        if alerted:
            return f"probability of fraud {100 * risk:.1f} %{stake}"
        if not worth:
            return f"the expected loss of {loss:,.2f} is not above the cost of an alert"
        return f"{self._settings['budget']:,} payments of the day stand before it in the queue{stake}"
