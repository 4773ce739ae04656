"""How training alters pictures: only in ways that the trade says keep their labels true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vertikit import UsageError
from vertikit.errors import did_you_mean

if TYPE_CHECKING:
    from torch import Tensor

WAYS = ("flip", "flip_vertical", "rotate", "shift", "zoom", "brightness", "contrast", "noise")
MOST = {"rotate": 180.0}
"""The largest strength of a way, where it is not 1: degrees."""


VIEWS = {"shift": 0.15, "zoom": 0.3, "rotate": 10.0, "brightness": 0.4, "contrast": 0.4, "noise": 0.03}
"""Least strengths of what makes two views of one picture."""


@dataclass(frozen=True)
class Augmentation:
    """Ways of altering a picture -> how strongly, each by torchvision.transforms.v2.

    `flip` and `flip_vertical` are the chance of it; `rotate` degrees to either side; `shift` and `zoom` shares of the
    side; `brightness` and `contrast` shares to either side; `noise` its standard deviation as a share of white.

    Raises UsageError for a way that is not known, or a strength out of range.
    """

    ways: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, strength in self.ways.items():
            if name not in WAYS:
                raise UsageError(
                    f"backbone.augment: {name!r} is no way of altering a picture.", did_you_mean(name, WAYS)
                )
            most = MOST.get(name, 1.0)
            if (
                isinstance(strength, bool)
                or not isinstance(strength, (int, float))
                or not 0 <= strength <= most
            ):
                raise UsageError(
                    f"backbone.augment.{name}: {strength!r} is no strength.", f"Give one from 0 to {most:g}."
                )

    @property
    def alters(self) -> bool:
        return any(self.ways.values())

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

    def alter(self, frames: Tensor, key: tuple[int, ...]) -> Tensor:
        """Frames [F, C, H, W] uint8 of one picture, altered alike; the same for the same key."""
        import torch

        if not self.alters:
            return frames
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(hash(key) & 0x7FFF_FFFF_FFFF_FFFF)
            found: Tensor = self._transform(frames)
            if strength := self.ways.get("noise"):
                noisy = found.float() + torch.randn(found.shape) * (255 * strength)
                found = noisy.round().clamp(0, 255).to(torch.uint8)
            return found

    @cached_property
    def _transform(self) -> Any:
        from torchvision.transforms import InterpolationMode, v2

        ways = {name: float(strength) for name, strength in self.ways.items() if strength}
        steps: list[Any] = []
        if "flip" in ways:
            steps.append(v2.RandomHorizontalFlip(ways["flip"]))
        if "flip_vertical" in ways:
            steps.append(v2.RandomVerticalFlip(ways["flip_vertical"]))
        if ways.keys() & {"rotate", "shift", "zoom"}:
            shift, zoom = ways.get("shift", 0.0), ways.get("zoom", 0.0)
            steps.append(
                v2.RandomAffine(
                    ways.get("rotate", 0.0),
                    translate=(shift, shift),
                    scale=(1 - zoom, 1 + zoom),
                    interpolation=InterpolationMode.BILINEAR,
                )
            )
        if ways.keys() & {"brightness", "contrast"}:
            steps.append(v2.ColorJitter(ways.get("brightness", 0.0), ways.get("contrast", 0.0)))
        return v2.Compose(steps) if steps else v2.Identity()
