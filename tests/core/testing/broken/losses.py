from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional


class Sound:
    """Cross-entropy; rows weigh by their price over the mean price of training."""

    needs = ("price",)

    def __call__(self, raw, target):
        return functional.cross_entropy(raw, target.long(), reduction="none")

    def weights(self, columns, encoded, train):
        return columns["price"] / columns["price"][train].mean()


class Wide(Sound):
    def __call__(self, raw, target):
        return super().__call__(raw, target)[:, None]


class Backwards(Sound):
    def __call__(self, raw, target):
        return -super().__call__(raw, target)


class Steps(Sound):
    def __call__(self, raw, target):
        return (raw.argmax(dim=1) != target).float() + 0 * raw.sum(dim=1)


class Naive(Sound):
    def __call__(self, raw, target):
        share = raw.exp() / raw.exp().sum(dim=1, keepdim=True)
        return -torch.log(share[torch.arange(len(raw)), target])


class Relative(Sound):
    def __call__(self, raw, target):
        value = super().__call__(raw, target)
        return value / value.mean()


class Peeking(Sound):
    def weights(self, columns, encoded, train):
        return columns["price"] / np.mean(columns["price"])


SOUND = Sound
BROKEN = {
    "unreduced": Wide,
    "direction": Backwards,
    "gradient": Steps,
    "extremes": Naive,
    "company": Relative,
    "weights": Peeking,
}
