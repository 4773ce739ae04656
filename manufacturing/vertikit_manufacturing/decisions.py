"""Alarm, watch or run: whichever of the three is expected to cost least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import Portable, State
from vertikit.evaluate.frame import by_name
from vertikit_manufacturing.decisions_part import ALARM, RUN, WATCH, Part

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class AlarmWatchRun:
    """With a probability p of a fault: running on costs p times a missed fault; an alarm stops the machine and costs
    (1 - p) times a false one; watching costs an inspection, and p times the missed faults that it overlooks.

    Costs are in any one unit. Probabilities are calibrated, so nothing has to be fitted; `fit` notes what the policy
    would have done on the calibration rows.

    Args:
        missed: cost of a fault that nobody saw coming.
        false_alarm: cost of stopping a sound machine.
        inspection: cost of looking at a machine that runs on.
        found: share of coming faults that an inspection finds.
    """

    abstains = ""
    needs = ()
    explains = (ALARM, WATCH)

    def __init__(
        self, *, missed: float = 100.0, false_alarm: float = 20.0, inspection: float = 5.0, found: float = 0.8
    ) -> None:
        if min(missed, false_alarm, inspection) < 0 or not 0 <= found <= 1:
            raise UsageError(
                f"policy: costs of {missed:g}, {false_alarm:g} and {inspection:g} with a share found of {found:g} are "
                "no policy.",
                "Take costs of 0 or more, and a share from 0 to 1.",
            )
        self.missed, self.false_alarm, self.inspection, self.found = missed, false_alarm, inspection, found
        self._seen: dict[str, float] = {}

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Count what it does on calibration rows."""
        self._seen = dict(self.account(frame, self.decide(frame, labels)))

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (alarm, watch or run) and `reason`."""
        import pandas as pd

        decisions, reasons = self._part().decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def expected(self, risk: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Decision -> its expected cost [N] under probabilities [N] of a fault."""
        return self._part().expected(risk)

    def _part(self) -> Part:
        return Part(self._settings(), {})

    def _settings(self) -> dict[str, Any]:
        return {
            "missed": self.missed, "false_alarm": self.false_alarm, "inspection": self.inspection,
            "found": self.found,
        }  # fmt: skip

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(
            ("vertikit_plugins.portable.least_cost", "vertikit_manufacturing.decisions_part"),
            self._settings(),
        )

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Shares of decisions, of faults among alarms and of faults that were not run past, and costs an example."""
        if "truth" not in frame.columns or not len(frame):
            return {}
        categories = list(frame["truth"].cat.categories)
        fault = np.asarray(frame["truth"] == categories[min(1, len(categories) - 1)], bool)
        decided = decisions["decision"].to_numpy(object)
        alarm, watch, run = (decided == each for each in (ALARM, WATCH, RUN))
        cost = np.where(
            alarm,
            np.where(fault, 0.0, self.false_alarm),
            np.where(fault, self.missed, 0.0) * np.where(watch, 1 - self.found, 1.0)
            + self.inspection * watch,
        )
        return {
            "share_alarm": float(alarm.mean()),
            "share_watch": float(watch.mean()),
            "share_of_alarms_that_are_faults": float(fault[alarm].mean()) if alarm.any() else 0.0,
            "share_of_faults_alarmed_or_watched": float((~run)[fault].mean()) if fault.any() else 0.0,
            "cost_an_example": float(cost.mean()),
            "cost_an_example_if_all_run": float(fault.mean() * self.missed),
        }

    def describe(self) -> str:
        """One sentence."""
        seen = ""
        if "share_alarm" in self._seen:
            seen = (
                f"; on the calibration rows it alarmed {100 * self._seen['share_alarm']:.1f} % and watched "
                f"{100 * self._seen['share_watch']:.1f} %"
            )
        return (
            f"Alarms, watches or lets a machine run, whichever is expected to cost least: {self.missed:g} for a fault "
            f"that nobody saw coming, {self.false_alarm:g} for a false alarm, {self.inspection:g} for an inspection, "
            f"which finds {100 * self.found:g} % of coming faults{seen}."
        )

    def state(self) -> State:
        return State(tree={"seen": self._seen})

    def load(self, state: State) -> None:
        self._seen = {str(name): float(value) for name, value in state.tree["seen"].items()}
