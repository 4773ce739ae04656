"""Ways of altering an item and how strongly, as a recipe names them under `backbone.augment`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from vertikit import UsageError
from vertikit.errors import did_you_mean

MASK = 0xFFFF_FFFF_FFFF_FFFF
"""Seeds may be negative, and sources of random numbers take none that are."""


@dataclass(frozen=True)
class Ways:
    """Ways of altering an item -> how strongly; 0 is not at all.

    Raises UsageError for a way that is not known, or a strength out of range.
    """

    thing: ClassVar[str]
    """What an item is called."""
    most: ClassVar[Mapping[str, float]]
    """The known ways, each with its largest strength."""

    ways: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, strength in self.ways.items():
            if name not in self.most:
                raise UsageError(
                    f"backbone.augment: {name!r} is no way of altering a {self.thing}.",
                    did_you_mean(name, self.most),
                )
            if (
                isinstance(strength, bool)
                or not isinstance(strength, (int, float))
                or not 0 <= strength <= self.most[name]
            ):
                raise UsageError(
                    f"backbone.augment.{name}: {strength!r} is no strength.",
                    f"Give one from 0 to {self.most[name]:g}.",
                )

    @property
    def alters(self) -> bool:
        """Whether anything is altered."""
        return any(self.ways.values())

    def strength(self, name: str) -> float:
        """Of one way; 0 where it is not asked for."""
        return float(self.ways.get(name, 0.0))


def source_of(*key: int) -> np.random.Generator:
    """Random numbers of an item alone, by seed, epoch and item."""
    return np.random.default_rng([each & MASK for each in key])
