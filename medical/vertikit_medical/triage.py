"""Rule out, refer, or urgent: by thresholds that keep a set sensitivity and a set specificity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import MetricContext, Portable, State
from vertikit.evaluate.asking import NEGATIVE, asked, nothing_found
from vertikit.evaluate.frame import by_name
from vertikit_medical.triage_part import REFER, RULE_OUT, URGENT, Part

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Triage:
    """A film below the lower threshold of every finding is ruled out, one above the upper threshold of any is urgent,
    and all others are referred, as all are where thresholds cannot be set.

    Thresholds are order statistics of calibration rows with a rank of n + 1 (conformal prediction, Vovk et al.), so
    that on new rows like these the sensitivity of not ruling out, and the specificity of urgency, hold on average.

    Args:
        sensitivity: share of rows with a finding that must not be ruled out.
        specificity: share of rows without one that must not be called urgent.
        negative: the class which means that there is nothing; without it, one of a usual name, else the first of two.
    """

    abstains = ""
    needs = ()
    explains = ()

    def __init__(
        self, *, sensitivity: float = 0.95, specificity: float = 0.95, negative: str | None = None
    ) -> None:
        if not (0 < sensitivity < 1 and 0 < specificity < 1):
            raise UsageError(
                f"policy: a sensitivity of {sensitivity:g} and a specificity of {specificity:g} cannot be kept.",
                "Give shares between 0 and 1, such as 0.95.",
            )
        self.sensitivity, self.specificity, self.negative = sensitivity, specificity, negative
        self._lower: dict[str, float | None] = {}
        self._upper: dict[str, float | None] = {}
        self._counts: dict[str, tuple[int, int]] = {}

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Set the thresholds of each finding; UsageError where `negative` is no class."""
        if self.negative is not None and self.negative not in labels:
            raise UsageError(
                f"policy.negative: {self.negative!r} is none of the classes {', '.join(labels)}.",
                "Name one of them.",
            )
        for each in asked(frame, self._context(labels)):
            with_it, without = np.sort(each.score[each.truth]), np.sort(each.score[~each.truth])
            low = int(np.floor((1 - self.sensitivity) * (len(with_it) + 1) + 1e-9))
            high = int(np.ceil(self.specificity * (len(without) + 1) - 1e-9))
            self._lower[each.name] = float(with_it[low - 1]) if low >= 1 else None
            self._upper[each.name] = float(without[high - 1]) if 0 < high <= len(without) else None
            self._counts[each.name] = (len(with_it), len(without))

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (rule out, refer or urgent) and `reason`."""
        import pandas as pd

        decisions, reasons = Part(self._settings(labels), {}).decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def _settings(self, labels: tuple[str, ...]) -> dict[str, Any]:
        # Thresholds by the names of labels are of findings, each of which is there or is not.
        each_by_itself = bool(self._lower) and set(self._lower) <= set(labels)
        nothing = None if each_by_itself else nothing_found(labels, self.negative)
        return {"lower": self._lower, "upper": self._upper, "nothing": nothing}

    def portable(self) -> Portable:
        """The same without the kit."""
        labels = tuple(name.removeprefix("not ") for name in self._lower)
        each_by_itself = not any(name.startswith("not ") for name in self._lower)
        nothing = None if each_by_itself else labels[0]
        return Portable(
            ("vertikit_medical.triage_part",),
            {"lower": self._lower, "upper": self._upper, "nothing": nothing},
        )

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Shares of decisions, of findings that were ruled out, and of rows without one that were called urgent."""
        if "truth" not in frame.columns or not len(frame):
            return {}
        labels = tuple(str(name)[2:] for name in frame.columns if str(name).startswith("p."))
        decided = decisions["decision"].to_numpy(object)
        out, urgent = decided == RULE_OUT, decided == URGENT
        found = {
            "share_ruled_out": float(out.mean()),
            "share_referred": float((decided == REFER).mean()),
            "share_urgent": float(urgent.mean()),
        }
        any_finding = self._any(frame, labels)
        if any_finding.any():
            found["share_of_findings_ruled_out"] = float(out[any_finding].mean())
            found["share_of_findings_urgent"] = float(urgent[any_finding].mean())
        if not any_finding.all():
            found["share_of_others_urgent"] = float(urgent[~any_finding].mean())
        if out.any():
            found["findings_among_ruled_out"] = float(any_finding[out].mean())
        return found

    def _any(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> NDArray[np.bool_]:
        """[N] whether a row has any finding that is known."""
        from vertikit.evaluate.asking import TRUTH, nothing_found

        columns = [f"{TRUTH}{label}" for label in labels if f"{TRUTH}{label}" in frame.columns]
        if columns:
            return np.asarray((frame[columns].to_numpy(np.float64) > 0.5).any(axis=1))
        return np.asarray(np.asarray(frame["truth"], object) != nothing_found(labels, self.negative), bool)

    def _context(self, labels: tuple[str, ...]) -> MetricContext:
        return MetricContext(labels, policy={NEGATIVE: self.negative})

    def describe(self) -> str:
        """One sentence."""
        if not self._counts:
            return "Rules out, refers or calls urgent."
        told = []
        for name, (with_it, without) in self._counts.items():
            low, high = self._lower[name], self._upper[name]
            told.append(
                f"{name}: "
                + ("nothing is ruled out" if low is None else f"ruled out below {low:.1%}")
                + (", nothing is urgent" if high is None else f", urgent above {max(high, low or 0):.1%}")
                + f" ({with_it} calibration rows with it, {without} without)"
            )
        return (
            f"Rules out where no more than {100 * (1 - self.sensitivity):g} % of findings are lost, calls urgent where "
            f"no more than {100 * (1 - self.specificity):g} % of others are called so, and refers all else; "
            f"{'; '.join(told)}."
        )

    def state(self) -> State:
        return State(tree={"lower": self._lower, "upper": self._upper, "counts": self._counts})

    def load(self, state: State) -> None:
        self._lower, self._upper = dict(state.tree["lower"]), dict(state.tree["upper"])
        self._counts = {name: (int(one), int(two)) for name, (one, two) in state.tree["counts"].items()}
