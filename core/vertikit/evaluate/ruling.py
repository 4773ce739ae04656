"""Experts that have a say in the answer: bounds on probabilities, and decisions that they overrule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Expert, Policy, Rulings, Use
from vertikit.errors import UsageError
from vertikit.evaluate.frame import probability_columns, probability_matrix

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.examples import Examples

SLACK = 1e-12
"""Bounds within this of a probability hold it already."""
HALVINGS = 64
"""Of the interval of the factor's logarithm; more change no digit."""


@dataclass(frozen=True)
class Held:
    """What the experts of a run hold of some examples: of those used as constraint, and of those used as veto."""

    constraint: Rulings | None = None
    veto: Rulings | None = None


NOTHING = Held()


def held(experts: Mapping[str, Expert], examples: Examples, labels: tuple[str, ...]) -> Held:
    """The rulings of all experts on these examples; VertikitError where one breaks its word.

    UsageError where there are no classes to rule on: the target is a number.
    """
    if not labels:
        if ruling := [name for name, expert in experts.items() if set(expert.use) - {"features"}]:
            raise UsageError(
                f"expert {ruling[0]!r} is to rule on classes, and the target is a number here.",
                "Let it give features alone: --set experts=[{name: NAME, use: [features]}]",
            )
        return NOTHING

    def asked(use: Use) -> Rulings | None:
        said = [each.rulings(examples, labels) for each in experts.values() if use in each.use]
        return joined(each for each in said if each is not None)

    return Held(asked("constraint"), asked("veto"))


def joined(rulings: Iterable[Rulings]) -> Rulings | None:
    """The tightest of all bounds; where they cannot hold together, nothing is held but the reason says so."""
    every = list(rulings)
    if not every:
        return None
    lowest = np.max([each.lowest for each in every], axis=0)
    highest = np.min([each.highest for each in every], axis=0)
    every_reason = zip(*(each.reasons for each in every), strict=True)
    reasons = np.array(["; ".join(dict.fromkeys(filter(None, said))) for said in every_reason], object)
    apart = (
        (lowest > highest).any(axis=1) | (lowest.sum(axis=1) > 1 + SLACK) | (highest.sum(axis=1) < 1 - SLACK)
    )
    lowest[apart], highest[apart] = 0.0, 1.0
    reasons[apart] = [f"experts contradict each other ({said})" for said in reasons[apart]]
    return Rulings(lowest, highest, reasons)


def constrained(probabilities: NDArray[np.float64], rulings: Rulings | None) -> NDArray[np.float64]:
    """Probabilities [N, K] within the bounds: those that would be outside lie on them, the others keep their ratios.

    A row is scaled by the one factor for which what is cut off at the bounds sums to 1 again; rows within their bounds
    stay as they are.
    """
    if rulings is None:
        return probabilities
    result = np.array(probabilities, np.float64)
    rows = np.flatnonzero(
        ((result < rulings.lowest - SLACK) | (result > rulings.highest + SLACK)).any(axis=1)
    )
    lowest, highest = rulings.lowest[rows], rulings.highest[rows]
    logs = np.log(np.maximum(result[rows], np.finfo(np.float64).tiny))
    low, high = np.full((len(rows), 1), -750.0), np.full((len(rows), 1), 750.0)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        large = _cut(logs + middle, lowest, highest).sum(axis=1, keepdims=True) > 1
        low, high = np.where(large, low, middle), np.where(large, middle, high)
    part = _cut(logs + (low + high) / 2, lowest, highest)
    result[rows] = part / part.sum(axis=1, keepdims=True)
    return result


def _cut(
    logs: NDArray[np.float64], lowest: NDArray[np.float64], highest: NDArray[np.float64]
) -> NDArray[np.float64]:
    return np.clip(np.exp(np.minimum(logs, 1.0)), lowest, highest)  # what is above 1 is cut off anyway


def decided(policy: Policy, frame: pd.DataFrame, labels: tuple[str, ...], said: Held) -> pd.DataFrame:
    """The policy's decisions, each with the reasons of the experts; under a veto as if its class were certain."""
    if said.veto is not None:
        certain = frame.copy()
        certain[probability_columns(labels)] = _certain(probability_matrix(frame, labels), said.veto)
        decisions = policy.decide(certain, labels)
    else:
        decisions = policy.decide(frame, labels)
    for rulings in (said.constraint, said.veto):
        if rulings is not None:
            reasons = decisions["reason"].to_numpy(object).copy()
            for at in np.flatnonzero(rulings.reasons != ""):
                reasons[at] = "; ".join(filter(None, (str(rulings.reasons[at]), reasons[at])))
            decisions = decisions.assign(reason=reasons)
    return decisions


def account(policy: Policy, frame: pd.DataFrame, labels: tuple[str, ...], said: Held) -> dict[str, Any]:
    """For metrics.json: how many decisions a veto changed, and for each reason the rows and how often it was right."""
    found: dict[str, Any] = {}
    if said.veto is not None:
        with_veto, without = decided(policy, frame, labels, said), policy.decide(frame, labels)
        found["overruled"] = int((with_veto["decision"] != without["decision"]).sum())
    truth = np.array([labels.index(each) if each in labels else -1 for each in frame["truth"]], np.int64)
    for use, rulings in (("constraint", said.constraint), ("veto", said.veto)):
        if rulings is None:
            continue
        entries = []
        for reason in dict.fromkeys(each for each in rulings.reasons if each):
            rows = np.flatnonzero(rulings.reasons == reason)
            fits = _names(rulings.lowest[rows], rulings.highest[rows], truth[rows])
            right = fits[~np.isnan(fits)]
            entries.append(
                {"reason": reason, "rows": len(rows), "right": float(right.mean()) if len(right) else None}
            )
        found[use] = sorted(entries, key=lambda each: -int(each["rows"]))
    return found


def _certain(probabilities: NDArray[np.float64], rulings: Rulings) -> NDArray[np.float64]:
    """As if what is held to be likelier than not were certain, and what is held to be less likely than not were out."""
    lowest = np.where(rulings.lowest > 0.5, 1.0, 0.0)
    highest = np.where((lowest.sum(axis=1, keepdims=True) > 0) & (lowest == 0), 0.0, 1.0)
    highest = np.where(rulings.highest < 0.5, 0.0, highest)
    return constrained(probabilities, Rulings(lowest, highest, rulings.reasons))


def _names(
    lowest: NDArray[np.float64], highest: NDArray[np.float64], truth: NDArray[np.int64]
) -> NDArray[np.float64]:
    """[n] 1 where the truth is the class held likely, or none of those held unlikely; NaN where nothing is held."""
    likely, unlikely = lowest > 0.5, highest < 0.5
    own = np.arange(len(truth))
    result = np.where(likely.any(axis=1), likely[own, truth], ~unlikely[own, truth]).astype(np.float64)
    result[~(likely.any(axis=1) | unlikely.any(axis=1)) | (truth < 0)] = np.nan
    return result
