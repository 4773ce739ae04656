"""A grade where it is sure enough, else to the teacher."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vertikit_plugins.policies.differential import Differential

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class Refer(Differential):
    """Gives the likeliest grade where it is sure enough, and leaves the answer to the teacher elsewhere.

    The threshold is chosen as by `vertikit_plugins.policies.differential.Differential`: on rows that trained nothing,
    few enough of the grades given may be other than the grader's.

    Args:
        risk: the share of grades given that may be wrong.
        confidence: the probability with which the risk is to hold, or None.
    """

    abstains = "to the teacher"

    def __init__(self, risk: float = 0.2, confidence: float | None = None) -> None:
        super().__init__(1, risk, confidence)

    def _settings(self) -> dict[str, Any]:
        return {**super()._settings(), "alone": True}

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """The share that is left to the teacher."""
        del frame
        left = decisions["decision"] == self.abstains
        return {f"share {self.abstains}": float(left.mean())} if len(decisions) else {}

    def describe(self) -> str:
        """One sentence."""
        if self.threshold is None:
            return (
                f"Leaves every answer to the teacher: {self.rows} calibration rows show no threshold with no more than "
                f"{100 * self.risk:g} % of its grades wrong."
            )
        return (
            f"Gives the likeliest grade where its probability is at least {self.threshold:.2f}, and leaves the answer "
            f"to the teacher elsewhere; it graded {self.answered} of {self.rows} calibration rows, {self.wrong} of "
            f"them otherwise than the grader, and aims at no more than {100 * self.risk:g} %."
        )
