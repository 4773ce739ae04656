"""Rule out, refer, or urgent: by thresholds that keep a set sensitivity and a set specificity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from vertikit import UsageError
from vertikit.contracts import MetricContext, State
from vertikit.evaluate.asking import NEGATIVE, asked, scores

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

RULE_OUT, REFER, URGENT = "rule out", "refer", "urgent"


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

        # Thresholds by the names of labels are of findings, each of which is there or is not.
        each_by_itself = bool(self._lower) and set(self._lower) <= set(labels)
        found = (
            {name: frame[f"p.{name}"].to_numpy(np.float64) for name in labels}
            if each_by_itself
            else scores(frame, labels, self.negative)
        )
        names = list(found)
        table = np.stack([found[name] for name in names], axis=1)
        lower = np.array([-np.inf if (each := self._lower.get(name)) is None else each for name in names])
        upper = np.array([np.inf if (each := self._upper.get(name)) is None else each for name in names])
        upper = np.maximum(upper, lower)
        out, urgent = (table < lower).all(axis=1), (table > upper).any(axis=1)
        # The finding that decides: the one furthest above its upper threshold, or above its lower one.
        beyond = table - np.where(urgent[:, None], upper, np.where(np.isfinite(lower), lower, 0.0))
        deciding = beyond.argmax(axis=1)
        decision = np.where(urgent, URGENT, np.where(out, RULE_OUT, REFER)).astype(object)
        reasons = [
            self._reason(str(decision[row]), names[at], float(table[row, at]), lower[at], upper[at])
            for row, at in enumerate(deciding.tolist())
        ]
        return pd.DataFrame({"decision": decision, "reason": np.array(reasons, object)})

    def _reason(self, decision: str, name: str, score: float, lower: float, upper: float) -> str:
        said = f"probability of {name} {score:.1%}"
        if decision == RULE_OUT:
            return f"{said}, below {lower:.1%}"
        if decision == URGENT:
            return f"{said}, above {upper:.1%}"
        if not np.isfinite(lower):
            return f"{said}; there were too few findings to set a threshold for ruling out"
        return f"{said}, between {lower:.1%} and {'no upper threshold' if not np.isfinite(upper) else f'{upper:.1%}'}"

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
