"""The likeliest classes in order, or abstaining where the answer would be too unsure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Portable, State
from vertikit.errors import UsageError
from vertikit.evaluate.frame import by_name, is_right, probability_matrix
from vertikit_plugins.portable.differential import ABSTAIN, Part

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class Differential:
    """Names the `top` likeliest classes where the likeliest is sure enough, and abstains elsewhere.

    "Sure enough" is the lowest threshold on the top probability at which, on calibration rows, few enough
    of the answers given were wrong (the first of the named classes counts):

    - without `confidence`: (wrong + 1) / (answered + 1) <= `risk`. The 1 stands for the next row, taken to
      be wrong, as in conformal risk control (Angelopoulos et al. 2022, arXiv:2208.02814): without it, a few
      lucky rows would pass for a safe threshold. On new rows the risk then lies near `risk`, on either side.
    - with `confidence`, 0.9 say: with that probability the risk on new rows is at most `risk`. The bound is
      that of SGR (Geifman and El-Yaniv 2017, arXiv:1705.08500), see `guaranteed`. It needs hundreds of
      rows, and where they do not suffice it abstains always.

    Args:
        top: how many classes an answer names.
        risk: the share of answers that may be wrong.
        confidence: the probability with which the risk is to hold, or None.
    """

    abstains = ABSTAIN
    needs: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()

    def __init__(self, top: int = 3, risk: float = 0.1, confidence: float | None = None) -> None:
        if top < 1:
            raise UsageError(f"policy.top is {top}.", "Set it to 1 or more: it counts the classes named.")
        for name, value in (("risk", risk), ("confidence", confidence)):
            if value is not None and not 0 < value < 1:
                raise UsageError(f"policy.{name} is {value}.", "Set it between 0 and 1, both excluded.")
        self.top, self.risk, self.confidence = top, risk, confidence
        self.threshold: float | None = None
        self.rows = self.answered = self.wrong = 0

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Choose the threshold on rows that trained nothing; None where no threshold keeps the risk."""
        confidence = probability_matrix(frame, labels).max(axis=1)
        order = np.argsort(-confidence, kind="stable")
        wrong = np.cumsum(~is_right(frame)[order], dtype=np.int64)
        confidence = confidence[order]
        # A threshold takes all rows of equal confidence or none of them.
        ends = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else order
        answered, wrong = ends + 1, wrong[ends]
        if self.confidence is None:
            keeps = np.flatnonzero((wrong + 1) / (answered + 1) <= self.risk)
            chosen = int(keeps[-1]) if len(keeps) else None
        else:
            chosen = guaranteed(wrong, answered, self.risk, self.confidence)
        self.rows, self.threshold, self.answered, self.wrong = len(order), None, 0, 0
        if chosen is not None:
            self.threshold = float(confidence[ends[chosen]])
            self.answered, self.wrong = int(answered[chosen]), int(wrong[chosen])

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` ("asthma 0.61; pneumonia 0.20; bronchitis 0.07", or "abstain") and `reason`."""
        import pandas as pd

        decisions, reasons = Part(self._settings(), {}).decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def _settings(self) -> dict[str, Any]:
        return {
            "top": self.top, "risk": self.risk, "threshold": self.threshold, "abstains": self.abstains,
            "alone": False,
        }  # fmt: skip

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(("vertikit_plugins.portable.differential",), self._settings())

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:  # noqa: ARG002
        """Nothing beside coverage and risk."""
        return {}

    def describe(self) -> str:
        kept = f"no more than {100 * self.risk:g} % of its answers wrong"
        if self.confidence is not None:
            kept += f", with probability {self.confidence:g}"
        if self.threshold is None:
            return f"Abstains on every row: {self.rows} calibration rows show no threshold with {kept}."
        names = "the likeliest class" if self.top == 1 else f"the {self.top} likeliest classes"
        return (
            f"Names {names} where the top probability is at least {self.threshold:.2f}, and abstains elsewhere; "
            f"it answered {self.answered} of {self.rows} calibration rows, {self.wrong} of them with a wrong "
            f"first class, and aims at {kept}."
        )

    def state(self) -> State:
        return State(
            tree={
                "threshold": self.threshold,
                "rows": self.rows,
                "answered": self.answered,
                "wrong": self.wrong,
            }
        )

    def load(self, state: State) -> None:
        threshold = state.tree["threshold"]
        self.threshold = None if threshold is None else float(threshold)
        self.rows, self.answered, self.wrong = (int(state.tree[key]) for key in ("rows", "answered", "wrong"))


def guaranteed(
    wrong: NDArray[np.int64], answered: NDArray[np.int64], risk: float, confidence: float
) -> int | None:
    """The position of the lowest threshold whose risk is at most `risk` with probability `confidence`.

    `wrong` and `answered` [M] count, per threshold from the highest to the lowest, the answers given. SGR
    (Geifman and El-Yaniv 2017, algorithm 1): a binary search of ceil(log2 m) steps over the m rows, each
    accepting its threshold if the one-sided Clopper-Pearson bound on the risk, at 1 - confidence divided
    by the number of steps, is at most `risk`. None where no step accepts.
    """
    from scipy.stats import beta

    if not len(answered):
        return None
    steps = max(1, math.ceil(math.log2(int(answered[-1]))))
    level = 1 - (1 - confidence) / steps
    low, high, chosen = 0, len(answered) - 1, None
    for _ in range(steps):
        middle = (low + high + 1) // 2
        errors, total = int(wrong[middle]), int(answered[middle])
        bound = 1.0 if errors == total else float(beta.ppf(level, errors + 1, total - errors))
        if bound <= risk:
            low, chosen = middle, middle
        else:
            high = max(middle - 1, 0)
    return chosen
