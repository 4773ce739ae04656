"""What makes a finished model smaller, and what an encoder must offer for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from vertikit.contracts.select import Backbone, Items

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.examples import Indices


@dataclass(frozen=True)
class Graph:
    """The part of an encoder that can be written down as a graph of tensors, without the tokens and windows around it.

    Args:
        part: name of that submodule of `Backbone.module`; "" is all of it.
        inputs: an example of each of its arguments, in order, with a batch of two or more.
        flexible: argument -> dimension -> what it counts; all others are as in the example.
        tensors: what the part gives -> tensors. given: the same tensors -> what the part gives.
    """

    part: str
    inputs: Mapping[str, Tensor]
    flexible: Mapping[str, Mapping[int, str]]
    tensors: Callable[[Any], tuple[Tensor, ...]]
    given: Callable[[Sequence[Tensor]], Any]


@runtime_checkable
class GraphBackbone(Backbone, Protocol):
    """An encoder that can be run, or looked at, as a graph."""

    def graph(self) -> Graph:
        """Of the module as it is now."""
        ...


Hold = Callable[[str, Any], Any]
"""(what tells it from others, a thing of one's own) -> the thing of that content that all use."""


@runtime_checkable
class Sharing(Protocol):
    """An encoder, or a module of it, that holds more than tensors, and may hold it together with others in one process:
    a tokenizer, a graph. Threads use it at the same time."""

    def share(self, hold: Hold) -> None:
        """Give up what one holds alone for what `hold` gives in its place."""
        ...


class Compressor(Protocol):
    """Makes an encoder smaller or quicker, in place."""

    trains: bool
    """Whether it takes away so much that what is left is worth training again."""
    last: bool
    """Whether the encoder cannot be trained after it: it comes after all training, and `save` keeps the weights."""
    ladder: Sequence[Mapping[str, Any]]
    """Options from gentle to hard, that a search for the best model within a budget may try; none where it tries them
    only if they are asked for."""

    def apply(self, backbone: Backbone, items: Items, rows: Indices) -> str:
        """Change `backbone.module`, by what it learns of the items at `rows` (of training alone), and say in half a
        sentence what was done. UsageError where it cannot be done to this encoder."""
        ...

    def save(self, backbone: Backbone, folder: Path) -> None:
        """Write into a new folder what `restore` needs; the weights themselves only where it is `last`."""
        ...

    def restore(self, backbone: Backbone, folder: Path) -> None:
        """Bring an encoder, as its source builds it, into that form; weights of the same names are read after it."""
        ...
