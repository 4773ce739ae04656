"""What learns outside the gradient, and how its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class State:
    """All that a fitted part has learnt, in forms that are read back without running code.

    Args:
        tree: JSON values.
        arrays: named arrays, kept as safetensors.
        blobs: named bytes that skops wrote.
    """

    tree: Any = None
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    blobs: Mapping[str, bytes] = field(default_factory=dict)


@runtime_checkable
class Fitted(Protocol):
    """Whatever learns outside the gradient: `fit` is class-specific, the state is not."""

    def state(self) -> State:
        """What was learnt."""
        ...

    def load(self, state: State) -> None:
        """Take up what `state` returned earlier; predictions are then equal to the bit."""
        ...
