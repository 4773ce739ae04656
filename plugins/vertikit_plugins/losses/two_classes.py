"""Losses of a target of two classes, of which the second is looked for: weighted, focal, and by what mistakes cost."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from vertikit import UsageError
from vertikit.contracts import Loss

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def weighted_bce(*, pos_weight: float = 1.0) -> Loss:
    """Binary cross-entropy, -(w y log p + (1 - y) log(1 - p)), p by the difference of the two outputs.

    Args:
        pos_weight: w, how many times as much a row that is looked for counts as another.
    """
    _check("pos_weight", pos_weight, math.inf)

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        z, y = _log_odds(raw, "bce"), target.to(raw.dtype)
        return functional.binary_cross_entropy_with_logits(
            z, y, reduction="none", pos_weight=z.new_tensor(pos_weight)
        )

    return loss


def focal_bce(*, gamma: float = 2.0, alpha: float = 0.25) -> Loss:
    """a (1 - p)^gamma times the cross-entropy, p the probability of the truth (Lin et al. 2017, arXiv:1708.02002).

    Args:
        gamma: how much easy examples are weighed down, 0 (not at all) and up.
        alpha: weight of rows that are looked for, from above 0 to below 1; the others weigh 1 - alpha.
    """
    if gamma < 0:
        raise UsageError(f"loss.gamma: {gamma} is below 0.", "Try 2.")
    _check("alpha", alpha, 1.0)

    def loss(raw: Tensor, target: Tensor) -> Tensor:
        z, y = _log_odds(raw, "focal-bce"), target.to(raw.dtype)
        value = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        weight = alpha * y + (1 - alpha) * (1 - y)
        return weight * (1 - torch.exp(-value)) ** gamma * value

    return loss


class CostSensitive:
    """Binary cross-entropy, each row weighted by what a mistake on it costs.

    Cost-proportionate example weighting (Zadrozny, Langford and Abe 2003, ICDM, 435-442): the decision at a probability
    of one half is then the cheapest, and the probability is no longer the share of rows that are so.

    Args:
        missed: cost of missing a row that is looked for.
        false_alarm: cost of taking another for one.
        amount: a column of numbers; missing a row costs `missed` times its amount over the mean amount of such rows
            in training (not below a hundredth of it), so that their weight in all stays what `missed` says.
    """

    def __init__(self, *, missed: float = 10.0, false_alarm: float = 1.0, amount: str = "") -> None:
        _check("missed", missed, math.inf)
        _check("false_alarm", false_alarm, math.inf)
        self.missed, self.false_alarm, self.amount = missed, false_alarm, amount
        self.needs = (amount,) if amount else ()

    def __call__(self, raw: Tensor, target: Tensor) -> Tensor:
        z, y = _log_odds(raw, "cost-sensitive"), target.to(raw.dtype)
        value = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
        return (self.missed * y + self.false_alarm * (1 - y)) * value

    def weights(
        self, columns: Mapping[str, NDArray[np.float64]], encoded: NDArray[Any], train: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """[N] 1, or for rows that are looked for, by amount."""
        import numpy as np

        result = np.ones(len(encoded))
        if not self.amount:
            return result
        amounts = np.maximum(np.nan_to_num(columns[self.amount]), 0.0)
        sought = encoded == 1
        mean = amounts[train][sought[train]].mean() if sought[train].any() else 0.0
        if mean > 0:
            result[sought] = np.maximum(amounts[sought] / mean, 0.01)
        return result


def _log_odds(raw: Tensor, name: str) -> Tensor:
    """[B] from two outputs [B, 2]."""
    if raw.shape[-1] != 2:
        raise UsageError(
            f"loss {name!r} is for a target of two classes, and this one has {raw.shape[-1]}.",
            "Take --set loss=cross-entropy or --set loss=focal",
        )
    return raw[:, 1] - raw[:, 0]


def _check(name: str, value: float, below: float) -> None:
    if not 0 < value < below:
        ends = "above 0" if below == math.inf else f"from above 0 to below {below:g}"
        raise UsageError(f"loss.{name}: {value} is not {ends}.", "Leave it out.")
