"""Forecasts as they are: the median is the decision, and its interval the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from vertikit import UsageError
from vertikit.contracts import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


class AsForetold:
    """The median of each step, with the interval of the lowest and the highest quantile."""

    abstains = ""
    needs: tuple[str, ...] = ()
    explains: tuple[str, ...] = ()

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Nothing to learn; UsageError where the target is no forecast."""
        if labels or "step" not in frame:
            raise UsageError("policy 'as-foretold' is for forecasts.", "Take --set policy=refer")

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:  # noqa: ARG002
        """Columns `decision` and `reason`."""
        import pandas as pd

        names = [name for name in frame.columns if str(name)[:1] == "q" and str(name)[1:2].isdigit()]
        said = [f"{value:.4g}" for value in frame["prediction"].to_numpy()]
        why = [""] * len(said)
        if len(names) > 1:
            low, high = frame[names[0]].to_numpy(np.float64), frame[names[-1]].to_numpy(np.float64)
            share = float(names[-1][1:]) - float(names[0][1:])
            why = [
                f"{share:.0f} % from {one:.4g} to {other:.4g}" for one, other in zip(low, high, strict=True)
            ]
        return pd.DataFrame({"decision": said, "reason": why}, index=frame.index, dtype=object)

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Nothing that metrics do not say."""
        del frame, decisions
        return {}

    def describe(self) -> str:
        """One sentence."""
        return "Gives the median of each step, and the interval of its lowest and highest quantile."

    def state(self) -> State:
        return State(tree={})

    def load(self, state: State) -> None:
        """Nothing to read."""
