"""How training alters pictures: only in ways that the trade says keep their labels true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from vertikit_plugins.backbones.augmenting.ways import Ways, source_of

if TYPE_CHECKING:
    from torch import Tensor

WAYS = ("flip", "flip_vertical", "rotate", "shift", "zoom", "brightness", "contrast", "noise")
DRAWS = 8
"""Numbers from 0 to 1 that say how one picture is altered."""
LEAST_SCALE = 0.1
LUMINANCE = (0.299, 0.587, 0.114)

VIEWS = {"shift": 0.15, "zoom": 0.3, "rotate": 10.0, "brightness": 0.4, "contrast": 0.4, "noise": 0.03}
"""Least strengths of what makes two views of one picture."""


@dataclass(frozen=True)
class Augmentation(Ways):
    """Ways of altering a picture -> how strongly.

    `flip` and `flip_vertical` are the chance of it; `rotate` degrees to either side; `shift` and `zoom` shares of the
    side; `brightness` and `contrast` shares to either side; `noise` its standard deviation as a share of white.

    Raises UsageError for a way that is not known, or a strength out of range.
    """

    thing: ClassVar[str] = "picture"
    most: ClassVar[Mapping[str, float]] = {**dict.fromkeys(WAYS, 1.0), "rotate": 180.0}

    @property
    def widened(self) -> Augmentation:
        """For views that an encoder is to see as one: what keeps a picture's meaning whatever the trade, beside what
        the trade allows. Nothing is flipped that the trade does not flip."""
        return Augmentation(
            {
                name: max(float(self.ways.get(name, 0)), least)
                for name, least in {**self.ways, **VIEWS}.items()
            }
        )

    def alter(self, frames: Tensor, owner: Tensor, keys: Sequence[tuple[int, ...]]) -> Tensor:
        """Frames [F, C, S, S] uint8, of the items `owner` [F], altered: all of an item alike, by the item's key alone.

        In one go for all of them, each by draws of its own, which the transforms of torchvision cannot do: one at a
        time they cost as much as a quarter of the training of a small network.
        """
        import torch

        if not self.alters:
            return frames
        sources = [source_of(*key) for key in keys]
        drawn = torch.from_numpy(np.stack([each.random(DRAWS) for each in sources])).float()[owner]
        values = self._moved(self._flipped(frames, drawn).float(), drawn)
        values = self._relit(values, drawn)
        if strength := self.ways.get("noise"):
            size = values.shape[1:]
            counts = torch.bincount(owner, minlength=len(keys)).tolist()
            noise = [
                each.standard_normal((n, *size), np.float32) for each, n in zip(sources, counts, strict=True)
            ]
            values = values + torch.from_numpy(np.concatenate(noise)) * (255 * strength)
        return values.round_().clamp_(0, 255).to(torch.uint8)

    def _flipped(self, frames: Tensor, drawn: Tensor) -> Tensor:
        import torch

        across = (drawn[:, 0] < self.ways.get("flip", 0))[:, None, None, None]
        over = (drawn[:, 1] < self.ways.get("flip_vertical", 0))[:, None, None, None]
        frames = torch.where(across, frames.flip(3), frames) if across.any() else frames
        return torch.where(over, frames.flip(2), frames) if over.any() else frames

    def _moved(self, values: Tensor, drawn: Tensor) -> Tensor:
        """Turned around the middle, zoomed and shifted, in one reading of each pixel; black comes in from outside."""
        import torch
        from torch.nn.functional import grid_sample

        turn, shift, zoom = (self.ways.get(name, 0.0) for name in ("rotate", "shift", "zoom"))
        if not (turn or shift or zoom):
            return values
        angle = torch.deg2rad((2 * drawn[:, 2] - 1) * turn)[:, None, None]
        scale = (1 + (2 * drawn[:, 3] - 1) * zoom).clamp_min(LEAST_SCALE)[:, None, None]
        right, down = ((2 * drawn[:, at] - 1)[:, None, None] * shift * 2 for at in (4, 5))
        size = values.shape[-1]
        steps = (torch.arange(size) * 2 + 1) / size - 1
        x, y = steps[None, None, :] - right, steps[None, :, None] - down
        cosine, sine = angle.cos() / scale, angle.sin() / scale
        grid = torch.stack([cosine * x + sine * y, cosine * y - sine * x], dim=3)
        return grid_sample(values, grid, mode="bilinear", padding_mode="zeros", align_corners=False)

    def _relit(self, values: Tensor, drawn: Tensor) -> Tensor:
        """Brighter or darker, then with more or less contrast around its mean luminance (ITU-R BT.601)."""
        import torch

        brightness, contrast = self.ways.get("brightness", 0.0), self.ways.get("contrast", 0.0)
        if brightness:
            values = (values * (1 + (2 * drawn[:, 6] - 1) * brightness)[:, None, None, None]).clamp_(0, 255)
        if contrast:
            shares = torch.tensor(LUMINANCE if values.shape[1] == len(LUMINANCE) else (1.0,))
            mean = (values.mean(dim=(2, 3)) * shares).sum(dim=1)[:, None, None, None]
            factor = (1 + (2 * drawn[:, 7] - 1) * contrast)[:, None, None, None]
            values = (values * factor + mean * (1 - factor)).clamp_(0, 255)
        return values
