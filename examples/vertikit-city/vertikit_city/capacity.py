"""How much capacity a step gets: enough to serve demand as often as it is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit import UsageError
from vertikit.contracts import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class PlanCapacity:
    """Plans the quantile of demand at which one more unit costs what it saves.

    A unit that is missing costs `shortage`, one that stands idle `idle`; the expected cost is least at the quantile
    shortage / (shortage + idle) (the newsvendor problem: Arrow, Harris and Marschak 1951, Econometrica 19:250-272).
    Between the quantiles that are foretold a straight line is drawn; beyond them the plan keeps to the outermost one
    and says so.

    Args:
        shortage: what a unit of demand that is not met costs.
        idle: what a unit of capacity that is not used costs.
        unit: what is planned, in the plural.
    """

    abstains = ""
    needs: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()

    def __init__(self, shortage: float = 4.0, idle: float = 1.0, unit: str = "units") -> None:
        if shortage <= 0 or idle <= 0:
            raise UsageError(
                f"policy.shortage and policy.idle: {shortage:g} and {idle:g} are not both above 0.",
                "Say what a missing and an idle unit cost, such as 4 and 1.",
            )
        self.shortage, self.idle, self.unit = shortage, idle, unit
        self.level = shortage / (shortage + idle)
        self.margin = 0.0

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """How often the plan met demand on calibration rows."""
        if labels or "step" not in frame:
            raise UsageError("policy 'plan-capacity' plans the steps of a forecast.", "Take another policy.")
        truth = frame["truth"].to_numpy(np.float64)
        known = np.isfinite(truth)
        met = truth[known] <= self._plan(frame)[known] + 1e-9
        self.margin = float(met.mean()) if len(met) else self.level

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (what to plan) and `reason`."""
        import pandas as pd

        del labels
        planned, middle = self._plan(frame), frame["prediction"].to_numpy(np.float64)
        beyond = "" if self._within(frame) else ", the outermost that is foretold"
        decisions = [f"plan {each:.4g} {self.unit}" for each in planned]
        reasons = [
            f"{each:.4g} are expected; {self.level:.0%} of demand is to be met{beyond}" for each in middle
        ]
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """How often demand was met, and what the plan cost a step, beside a plan of the middle."""
        del decisions
        truth = frame["truth"].to_numpy(np.float64)
        known = np.isfinite(truth)
        if not known.any():
            return {}
        planned, middle = self._plan(frame)[known], frame["prediction"].to_numpy(np.float64)[known]
        own = truth[known]
        return {
            "demand met": float((own <= planned + 1e-9).mean()),
            "cost a step": self._cost(own, planned),
            "cost a step, were the middle planned": self._cost(own, middle),
        }

    def describe(self) -> str:
        """One sentence."""
        return (
            f"Plans for each step the quantile of demand at {self.level:.0%}, where a missing unit costs "
            f"{self.shortage:g} and an idle one {self.idle:g}; on calibration rows that met demand in "
            f"{self.margin:.0%} of the steps."
        )

    def state(self) -> State:
        return State(tree={"margin": self.margin})

    def load(self, state: State) -> None:
        self.margin = float(state.tree["margin"])

    def _cost(self, truth: NDArray[np.float64], planned: NDArray[np.float64]) -> float:
        short = np.maximum(truth - planned, 0) * self.shortage
        return float((short + np.maximum(planned - truth, 0) * self.idle).mean())

    def _plan(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        levels = _levels(frame)
        table = np.column_stack([frame[name].to_numpy(np.float64) for name in levels.values()])
        known = np.array(list(levels))
        at = int(np.searchsorted(known, self.level))
        if at == 0 or at == len(known):
            return table[:, min(at, len(known) - 1)]
        share = (self.level - known[at - 1]) / (known[at] - known[at - 1])
        return np.asarray(table[:, at - 1] * (1 - share) + table[:, at] * share)

    def _within(self, frame: pd.DataFrame) -> bool:
        known = list(_levels(frame))
        return known[0] <= self.level <= known[-1] + 1e-9


def _levels(frame: pd.DataFrame) -> dict[float, str]:
    """Level -> column of a frame of steps, rising: `q10` is the quantile at 0.1."""
    found = {}
    for name in map(str, frame.columns):
        if name.startswith("q") and name[1:].replace(".", "", 1).isdigit():
            found[float(name[1:]) / 100] = name
    return dict(sorted(found.items()))
