"""A day's queue of alerts: as many payments as can be looked into, those with the largest expected loss first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import Portable, State
from vertikit.evaluate.frame import by_name
from vertikit_finance.alerts_part import ALERT, Part, days

if TYPE_CHECKING:
    import pandas as pd


class AlertQueue:
    """Alerts of each day: payments whose expected loss (probability times amount) is above the cost of an alert.

    There are at most `budget` of them a day, the largest expected losses first. Without an amount the probability
    itself is ranked, and without a time all rows are of one day. Probabilities are calibrated, so nothing has to be
    fitted; `fit` notes what the queue would have found on the calibration rows.

    Args:
        budget: alerts a day that people can look into.
        alert_cost: of looking into one, in the currency of the amounts.
    """

    abstains = ""
    needs = ("time", "amount")
    explains = (ALERT,)
    ranked = (ALERT,)

    def __init__(self, *, budget: int = 100, alert_cost: float = 5.0) -> None:
        if budget < 1 or alert_cost < 0:
            raise UsageError(
                f"policy: a budget of {budget} alerts at a cost of {alert_cost:g} is no policy.",
                "Take a budget of 1 or more, and a cost of 0 or more.",
            )
        self.budget, self.alert_cost = budget, alert_cost
        self._found: dict[str, float] = {}

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Count what the queue finds on calibration rows."""
        self._found = dict(self.account(frame, self.decide(frame, labels)))

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (alert or pass) and `reason`."""
        import pandas as pd

        decisions, reasons = Part(self._settings(), {}).decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def _settings(self) -> dict[str, Any]:
        return {"budget": self.budget, "alert_cost": self.alert_cost}

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(("vertikit_finance.alerts_part",), self._settings())

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Alerts a day, the share of frauds among them, of frauds found, and the money they come to."""
        if "truth" not in frame.columns or not len(frame):
            return {}
        alert = np.asarray(decisions["decision"] == ALERT, bool)
        categories = list(frame["truth"].cat.categories)
        fraud = np.asarray(frame["truth"] == categories[min(1, len(categories) - 1)], bool)
        found: dict[str, float] = {
            "alerts_a_day": alert.sum() / len(np.unique(days(frame))),
            "share_of_alerts_that_are_frauds": fraud[alert].mean() if alert.any() else 0.0,
            "share_of_frauds_alerted": alert[fraud].mean() if fraud.any() else 0.0,
        }
        if "amount" in frame.columns:
            amount = np.maximum(np.nan_to_num(frame["amount"].to_numpy(np.float64)), 0.0)
            found["lost_without_alerts"] = float(amount[fraud].sum())
            found["lost_with_alerts"] = float(amount[fraud & ~alert].sum() + self.alert_cost * alert.sum())
        return found

    def describe(self) -> str:
        """One sentence."""
        known = self._found.get("share_of_alerts_that_are_frauds")
        seen = (
            ""
            if known is None
            else f"; of the alerts on the calibration rows {100 * known:.0f} % were frauds"
        )
        return (
            f"Alerts at most {self.budget} payments a day, those with the largest expected loss (probability times "
            f"amount), and none with less than the {self.alert_cost:g} that looking into it costs{seen}."
        )

    def state(self) -> State:
        return State(tree={"found": self._found})

    def load(self, state: State) -> None:
        self._found = {str(name): float(value) for name, value in state.tree["found"].items()}
