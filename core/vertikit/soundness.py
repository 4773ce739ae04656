"""A target that is sound or odd, where sound examples alone are there to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertikit.columns import Label

if TYPE_CHECKING:
    from vertikit.outcome import Outcome

NAMES = ("sound", "good", "ok", "okay", "normal", "pass", "passed", "none", "0", "no", "false")
"""What sound examples are called, case aside, where nobody says otherwise."""


@dataclass(frozen=True)
class Soundness(Label):
    """A target: sound, or odd in a way that the cell names. Learnt from sound examples alone; odd ones judge.

    A file of training rows without such a column holds sound ones.

    Args:
        sound: the names of sound examples, case aside.
        overkill: the share of sound examples that may be taken for odd.
    """

    required: bool = False
    sound: tuple[str, ...] = NAMES
    overkill: float = 0.05

    @property
    def absent(self) -> str:  # type: ignore[override]
        return self.sound[0]

    def outcome(self, values: Sequence[Any]) -> Outcome:  # noqa: ARG002
        from vertikit.outcome.oddness import Oddness

        return Oddness(names=self.sound, overkill=self.overkill)
