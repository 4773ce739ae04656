"""Windows of sensors with noise, on another scale, moved in time, or with a stretch hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import torch

from vertikit_plugins.backbones.augmenting.ways import Ways, source_of

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class WindowAugmentation(Ways):
    """Jitter, scaling, shift and masking (Um et al. 2017, arXiv:1706.00527; Iwana and Uchida 2021, arXiv:2007.15951).

    `jitter` is the standard deviation of what is added to each reading, in standard deviations of its sensor; `scale`
    how far to either side of 1 a factor for each sensor lies; `shift` the share of the window by which all readings
    move at most, back or on (what comes in from outside is not known); `mask` the share of the window, at one stretch,
    that is hidden.
    """

    thing: ClassVar[str] = "window"
    most: ClassVar[Mapping[str, float]] = {"jitter": 5.0, "scale": 0.9, "shift": 0.9, "mask": 0.9}

    def alter(
        self, readings: Tensor, known: Tensor, lengths: Tensor, keys: Sequence[tuple[int, ...]]
    ) -> tuple[Tensor, Tensor]:
        """readings, known [B, C, L] of windows of `lengths` [B], altered, each by its key alone; what is not known is 0
        in both."""
        readings, known = readings.clone(), known.clone()
        for at, (key, length) in enumerate(zip(keys, lengths.tolist(), strict=True)):
            random = source_of(*key)
            moved, hidden = random.random(2)
            factors = 1 + self.strength("scale") * (2 * random.random(readings.shape[1]) - 1)
            own, seen = readings[at, :, :length], known[at, :, :length]
            own *= torch.from_numpy(factors.astype(np.float32))[:, None]
            if jitter := self.strength("jitter"):
                noise = random.standard_normal(own.shape, np.float32)
                own += jitter * torch.from_numpy(noise) * seen
            if steps := round((2 * moved - 1) * self.strength("shift") * length):
                gone = slice(0, steps) if steps > 0 else slice(length + steps, length)
                for each in (own, seen):
                    each.copy_(each.roll(steps, dims=1))
                    each[:, gone] = 0
            if size := min(round(self.strength("mask") * length), length - 1):
                start = int(hidden * (length - size + 1))
                own[:, start : start + size] = seen[:, start : start + size] = 0
        return readings, known
