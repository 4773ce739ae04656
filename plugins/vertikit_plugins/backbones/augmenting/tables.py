"""Rows of a table with cells of other rows, and with noise on their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

from vertikit_plugins.backbones.augmenting.ways import Ways, source_of

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.examples import Indices


@dataclass(frozen=True)
class RowAugmentation(Ways):
    """`exchange` is the chance of each cell to hold what a training row drawn for it holds there (as in Yoon et al.
    2020, VIME, NeurIPS 33, and Bahri et al. 2022, arXiv:2106.15147); `noise` the standard deviation of what is added
    to numbers, in standard deviations of their column."""

    thing: ClassVar[str] = "row"
    most: ClassVar[Mapping[str, float]] = {"exchange": 0.9, "noise": 5.0}

    def alter(
        self,
        numbers: Tensor,
        codes: Tensor,
        keys: Sequence[tuple[int, ...]],
        donors: Indices,
        every: tuple[Tensor, Tensor],
    ) -> tuple[Tensor, Tensor]:
        """Rows numbers [B, F], codes [B, C] altered, each by its key alone; cells come from the rows at `donors` of
        `every` (numbers [N, F], codes [N, C])."""
        middle = numbers.shape[1]
        sources = [source_of(*key) for key in keys]
        drawn = torch.from_numpy(np.stack([each.random((2, middle + codes.shape[1])) for each in sources]))
        if (share := self.strength("exchange")) and len(donors):
            exchanged = drawn[:, 0] < share
            given = torch.as_tensor(donors)[(drawn[:, 1] * len(donors)).long()]
            numbers = torch.where(exchanged[:, :middle], every[0].gather(0, given[:, :middle]), numbers)
            codes = torch.where(exchanged[:, middle:], every[1].gather(0, given[:, middle:]), codes)
        if noise := self.strength("noise"):
            added = np.stack([each.standard_normal(numbers.shape[1], np.float32) for each in sources])
            numbers = numbers + noise * torch.from_numpy(added)
        return numbers, codes
