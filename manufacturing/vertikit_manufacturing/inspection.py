"""Accept, reject or inspect: whichever of the three is expected to cost least."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import Portable, State
from vertikit.evaluate.conformal import APART
from vertikit.evaluate.frame import by_name
from vertikit_manufacturing.inspection_part import ACCEPT, INSPECT, REJECT, Part

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray


class AcceptRejectInspect:
    """With a belief p that a part is odd: accepting it costs p times an escape, rejecting it (1 - p) times an overkill,
    and an inspection what it costs, and p times the escapes that it overlooks.

    Costs are in any one unit. Learnt from sound parts alone, p is no probability: it is one half at the threshold, and
    rises as if odd parts scattered like sound ones three spreads away (`vertikit.evaluate.conformal`). The parts near
    the threshold are inspected, and how wide that band is follows from the costs. `fit` notes what would have become of
    the sound parts held out.

    Args:
        escape: cost of an odd part that is accepted.
        overkill: cost of a sound part that is rejected.
        inspection: cost of a person who looks at a part.
        found: share of odd parts that such a person finds.
    """

    abstains = INSPECT
    needs = ()
    explains = ()

    def __init__(
        self, *, escape: float = 50.0, overkill: float = 50.0, inspection: float = 5.0, found: float = 0.95
    ) -> None:
        if min(escape, overkill, inspection) < 0 or not 0 <= found <= 1:
            raise UsageError(
                f"policy: costs of {escape:g}, {overkill:g} and {inspection:g} with a share found of {found:g} are no "
                "policy.",
                "Take costs of 0 or more, and a share from 0 to 1.",
            )
        self.escape, self.overkill, self.inspection, self.found = escape, overkill, inspection, found
        self._seen: dict[str, float] = {}

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Count what it does on calibration rows."""
        decided = self.decide(frame, labels)["decision"].to_numpy(object)
        self._seen = {name: float((decided == name).mean()) for name in (ACCEPT, INSPECT, REJECT)}

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Columns `decision` (accept, inspect or reject) and `reason`."""
        import pandas as pd

        decisions, reasons = self._part().decide(by_name(frame), labels)
        return pd.DataFrame({"decision": decisions, "reason": reasons}, index=frame.index, dtype=object)

    def expected(self, belief: NDArray[np.float64]) -> dict[str, NDArray[np.float64]]:
        """Decision -> its cost [N] under beliefs [N] that a part is odd."""
        return self._part().expected(belief)

    def _part(self) -> Part:
        return Part(self._settings(), {})

    def _settings(self) -> dict[str, Any]:
        return {
            "escape": self.escape, "overkill": self.overkill, "inspection": self.inspection,
            "found": self.found, "apart": APART,
        }  # fmt: skip

    def portable(self) -> Portable:
        """The same without the kit."""
        return Portable(
            ("vertikit_plugins.portable.least_cost", "vertikit_manufacturing.inspection_part"),
            self._settings(),
        )

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Shares of decisions, of sound parts rejected and odd ones accepted, and costs a part."""
        if "truth" not in frame.columns or not len(frame):
            return {}
        odd = np.asarray(frame["truth"] == list(frame["truth"].cat.categories)[1], bool)
        decided = decisions["decision"].to_numpy(object)
        accept, inspect, reject = (decided == each for each in (ACCEPT, INSPECT, REJECT))
        cost = np.where(
            accept,
            odd * self.escape,
            np.where(reject, ~odd * self.overkill, self.inspection + odd * (1 - self.found) * self.escape),
        )
        return {
            "share_accepted": float(accept.mean()),
            "share_inspected": float(inspect.mean()),
            "share_rejected": float(reject.mean()),
            "share_of_sound_parts_rejected": float(reject[~odd].mean()) if (~odd).any() else 0.0,
            "share_of_odd_parts_accepted": float(accept[odd].mean()) if odd.any() else 0.0,
            "cost_a_part": float(cost.mean()),
            "cost_a_part_if_all_accepted": float(odd.mean() * self.escape),
            "cost_a_part_if_all_inspected": float(
                self.inspection + odd.mean() * (1 - self.found) * self.escape
            ),
        }

    def describe(self) -> str:
        """One sentence."""
        seen = ""
        if self._seen:
            seen = (
                f"; of the sound parts held out it accepted {100 * self._seen[ACCEPT]:.1f} %, inspected "
                f"{100 * self._seen[INSPECT]:.1f} % and rejected {100 * self._seen[REJECT]:.1f} %"
            )
        return (
            f"Accepts, inspects or rejects a part, whichever is expected to cost least: {self.escape:g} for an odd "
            f"part that is accepted, {self.overkill:g} for a sound one that is rejected, {self.inspection:g} for an "
            f"inspection, which finds {100 * self.found:g} % of odd parts{seen}."
        )

    def state(self) -> State:
        return State(tree={"seen": self._seen})

    def load(self, state: State) -> None:
        self._seen = {str(name): float(value) for name, value in state.tree["seen"].items()}
