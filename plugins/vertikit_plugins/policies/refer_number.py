"""A number where it is sure enough, else to a person."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import Portable, State
from vertikit.evaluate.frame import by_name
from vertikit_plugins.portable.refer_number import Part

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class ReferNumber:
    """Answers where the error to be expected is small, so that those answers keep to a target error together.

    The threshold on the spread of an answer is the largest at which the root mean squared error of the calibration
    rows below it is at most the target.

    Args:
        error: the root mean squared error that answers may have, as a share of the scale; of a target without a scale,
            of the range of the calibration rows.
        person: who takes what is left, as in "to the teacher".
    """

    needs: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()

    def __init__(self, error: float = 0.2, person: str = "teacher") -> None:
        if error <= 0:
            raise UsageError(f"policy.error: {error} is not above 0.", "Try 0.2, a fifth of the scale.")
        self.share, self.person = error, person
        self.abstains = f"to the {person}"
        self.threshold: float | None = None
        self.error = self.reached = math.nan
        self.rows = self.answered = 0

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """From rows with truth, prediction and spread."""
        if labels or "spread" not in frame:
            raise UsageError(
                "policy 'refer-number' decides on numbers, and the target is of classes here.",
                "Take --set policy=refer",
            )
        truth, error = frame["truth"].to_numpy(), (frame["prediction"] - frame["truth"]).to_numpy()
        self.error = self.share * float(np.ptp(truth)) if len(truth) else math.nan
        order = np.argsort(frame["spread"].to_numpy(), kind="stable")
        spread = frame["spread"].to_numpy()[order]
        running = np.sqrt(np.cumsum(error[order] ** 2) / np.arange(1, len(order) + 1))
        ends = np.append(np.diff(spread) != 0, True) if len(spread) else np.zeros(0, bool)
        fits = np.flatnonzero(ends & (running <= self.error))
        self.rows, self.threshold = len(order), None
        if len(fits):
            last = int(fits[-1])
            # Where all rows may be answered, so may those beyond what the calibration rows have shown.
            self.threshold = math.inf if last == len(order) - 1 else float(spread[last])
            self.answered, self.reached = last + 1, float(running[last])

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (the number, or "to the ...") and `reason`."""
        import pandas as pd

        decisions, reasons = Part(self._settings(), {}).decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def _settings(self) -> dict[str, Any]:
        every = self.threshold is not None and math.isinf(self.threshold)
        return {"threshold": "all" if every else self.threshold, "abstains": self.abstains}

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(("vertikit_plugins.portable.refer_number",), self._settings())

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """The share that is left to a person."""
        del frame
        left = decisions["decision"] == self.abstains
        return {f"share {self.abstains}": float(left.mean())} if len(decisions) else {}

    def describe(self) -> str:
        """One sentence."""
        if self.threshold is None:
            return (
                f"Leaves every answer {self.abstains}: {self.rows} calibration rows show no part with a root mean "
                f"squared error of {self.error:.3g} or less."
            )
        where = (
            "every number"
            if math.isinf(self.threshold)
            else f"the number where it is off by about {self.threshold:.2g} or less, and leaves the others "
            f"{self.abstains}"
        )
        return (
            f"Gives {where}; it answered {self.answered} of {self.rows} calibration rows with a root mean squared "
            f"error of {self.reached:.3g}, and aims at no more than {self.error:.3g}."
        )

    def state(self) -> State:
        infinite = self.threshold is not None and math.isinf(self.threshold)
        return State(
            tree={
                "threshold": None if infinite else self.threshold,
                "all": infinite,
                "error": self.error,
                "reached": None if math.isnan(self.reached) else self.reached,
                "rows": self.rows,
                "answered": self.answered,
            }
        )

    def load(self, state: State) -> None:
        tree = state.tree
        self.threshold = math.inf if tree["all"] else tree["threshold"]
        self.error = float(tree["error"])
        self.reached = math.nan if tree["reached"] is None else float(tree["reached"])
        self.rows, self.answered = int(tree["rows"]), int(tree["answered"])
