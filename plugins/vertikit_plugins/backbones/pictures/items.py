"""Pictures as items: brought to the square that an encoder takes, once, and altered in training where asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from vertikit import scratch
from vertikit.pictures import Pictures
from vertikit_plugins.backbones.pictures.augmenting import Augmentation

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.examples import Indices

Fit = Literal["squash", "crop", "pad"]

TOKENS = 196
"""What a picture of `FULL` pixels counts for in a batch, as a text of so many tokens does; others by their area."""
FULL = 224


@dataclass(frozen=True)
class Framing:
    """How a picture is brought to a square.

    Args:
        size: of its side, in pixels.
        fit: "squash" changes its proportions and keeps its edges; "crop" keeps the middle square; "pad" adds black.
        augment: how training alters it.
    """

    size: int
    fit: Fit = "squash"
    augment: Augmentation = field(default_factory=Augmentation)

    def square(self, picture: NDArray[np.uint8]) -> Tensor:
        """Frames [F, H, W, C] -> uint8 [F, C, size, size]."""
        import torch
        from torchvision.transforms.v2 import functional

        frames = torch.from_numpy(picture.transpose(0, 3, 1, 2).copy())
        height, width = frames.shape[-2:]
        if self.fit == "crop":
            side = min(height, width)
            frames = functional.center_crop(frames, [side, side])
        elif self.fit == "pad" and height != width:
            side = max(height, width)
            left, top = (side - width) // 2, (side - height) // 2
            frames = functional.pad(frames, [left, top, side - width - left, side - height - top])
        if tuple(frames.shape[-2:]) != (self.size, self.size):
            frames = functional.resize(frames, [self.size, self.size], antialias=True)
        return frames


class PictureItems:
    """`vertikit.contracts.AugmentingItems` of pictures: a frame is a window.

    Squares of all distinct pictures lie in a file without a name, memory-mapped, so that no epoch resizes again.
    """

    def __init__(self, pictures: Pictures, framing: Framing) -> None:
        used, self._which = np.unique(pictures.place, return_inverse=True)
        counts = pictures.shapes[used, 0]
        self._start = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        channels = int(pictures.shapes[used, 3].max(initial=1))
        size = framing.size
        self._squares = scratch.zeros((int(self._start[-1]), channels, size, size), np.uint8)
        for at, place in enumerate(used.tolist()):
            square = framing.square(pictures.picture(place)).numpy()
            self._squares[self._start[at] : self._start[at + 1]] = square  # grey is spread over all channels
        self._framing = framing
        self.windows = counts[self._which].astype(np.int64)
        length = max(1, round(TOKENS * size * size / FULL**2))
        self.lengths = np.full(len(pictures), length, np.int64)
        self.left_out = pictures.left_out[pictures.place] * length

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """pixels [W, C, size, size] uint8, item by item, and the item [W] that each frame is of."""
        import torch

        own = self._which[indices]
        frames = np.concatenate([np.arange(self._start[at], self._start[at + 1]) for at in own])
        owner = np.repeat(np.arange(len(indices)), self.windows[indices])
        return {"pixels": torch.from_numpy(self._squares[frames]), "owner": torch.from_numpy(owner)}

    def views(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The middle frame of each item in two altered views, all first ones before all second ones."""
        import torch

        augment = self._framing.augment.widened
        own = self._which[indices]
        middle = (self._start[own] + self._start[own + 1] - 1) // 2
        frames, owner = torch.from_numpy(self._squares[middle]), torch.arange(len(indices))
        seen = [
            augment.alter(frames, owner, [(seed, epoch, int(item), view) for item in indices])
            for view in (0, 1)
        ]
        return {"pixels": torch.cat(seen), "owner": torch.arange(2 * len(indices))}

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The same, altered; all frames of an item alike."""
        batch = self.collate(indices)
        keys = [(seed, epoch, int(item)) for item in indices]
        return {**batch, "pixels": self._framing.augment.alter(batch["pixels"], batch["owner"], keys)}
