"""What makes a finished model smaller or takes it out of the kit, and what its parts must offer for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from vertikit.contracts.select import Backbone, Features, Items

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor, nn

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


@dataclass(frozen=True)
class Portable:
    """A part of a run as it works where neither the kit nor torch is.

    Args:
        modules: import paths of source files that import the standard library, numpy, tokenizers and each other, and
            nothing else; they are copied. The last has a class `Part`, built with (settings, arrays, folder).
        settings: JSON that it is built with. arrays: named, likewise.
        files: name -> content of files that it reads in its folder.
        packages: what has to be installed for it, beside numpy.
        columns: of rows, that it reads.
    """

    modules: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    packages: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outlet:
    """What lies around the part of an encoder that `Graph` is of, as tensors in and tensors out.

    Args:
        inputs, flexible: of the whole encoder, as `Graph` has them of the part.
        before: (inputs by name) -> the arguments of the part, in order.
        after: (what `Graph.tensors` gave, inputs by name) -> the features of each binding, in order.
        fed: batches of `Items.collate`, one a binding -> inputs by name; of an encoder whose rows only the kit reads.
        told: how those are made, in words for someone who does without the kit.
    """

    inputs: Mapping[str, Tensor]
    flexible: Mapping[str, Mapping[int, str]]
    before: Callable[[Mapping[str, Tensor]], tuple[Tensor, ...]]
    after: Callable[[Sequence[Tensor], Mapping[str, Tensor]], Sequence[Features]]
    fed: Callable[[Sequence[Mapping[str, Tensor]]], Mapping[str, Tensor]] | None = None
    told: str = ""


@runtime_checkable
class PortableBackbone(GraphBackbone, Protocol):
    """An encoder that can leave the kit: its graph, what lies around that, and how rows become its inputs."""

    def outlet(self, bindings: int) -> Outlet:
        """Of an encoder that reads that many inputs, one by one."""
        ...

    def portable(self, bindings: Sequence[Sequence[str]]) -> Portable | None:
        """`Part.inputs(columns)` gives the inputs of `outlet` as arrays; of each binding the columns are named that are
        read as one. `columns` has values [N] by name: float64 arrays with NaN for numbers and (seconds since 1970) for
        times; lists of str or None for texts and categories; of sensors, lists of arrays. None where rows cannot be
        read without the kit. UsageError where the encoder as it is cannot leave."""
        ...


@runtime_checkable
class PortableHead(Protocol):
    """A head whose `forward` is no graph of tensors."""

    def graph_module(self) -> nn.Module:
        """Features -> the same raw outputs, as a graph of tensors."""
        ...


@runtime_checkable
class PortableBaseline(Protocol):
    """A baseline that a blend can take out of the kit."""

    def portable(self, labels: tuple[str, ...]) -> Portable:
        """`Part.answers(columns)` gives its answers [N, A]; or, where `graph_module` gives a module,
        `Part.inputs(columns)` the inputs [N, F] of that, float64."""
        ...

    def graph_module(self, labels: tuple[str, ...]) -> tuple[nn.Module, int] | None:
        """Inputs [N, F] float64 -> answers [N, A], and F; None where there is nothing of a graph in it."""
        ...


@runtime_checkable
class PortableExpert(Protocol):
    """An expert whose columns follow from a row alone, without the kit."""

    def portable(self) -> Portable:
        """`Part.added(columns)` gives its columns, values [N] by name."""
        ...


@runtime_checkable
class PortablePolicy(Protocol):
    """A policy that decides without the kit."""

    def portable(self) -> Portable:
        """`Part.decide(frame, labels)` gives decisions and reasons [N], as `Policy.decide` does, of arrays by name."""
        ...


class Exporter(Protocol):
    """A format in which a network leaves the kit."""

    runner: Portable
    """`Part.run(inputs)` gives the outputs by name, arrays from arrays."""

    def write(self, network: Network, folder: Path) -> None:
        """Write the network into a folder that exists. VertikitError where it cannot be written."""
        ...


class Network(Protocol):
    """What is exported, as tensors in and tensors out: an `nn.Module` called with `inputs` in order."""

    inputs: dict[str, Tensor]
    """An example of each, with a batch of two or more."""
    flexible: dict[str, dict[int, str]]
    outputs: tuple[str, ...]
    name: str
    """Of the encoder, for messages."""
    graph: Graph
    part: nn.Module
    """What `graph` is of; it may be a graph already, which onnxruntime runs."""

    def before(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """Inputs in order -> arguments of the part."""
        ...

    def after(self, tensors: Sequence[Tensor], *inputs: Tensor) -> tuple[Tensor, ...]:
        """What the part gives as tensors, and the inputs in order -> outputs."""
        ...

    def forward(self, *inputs: Tensor) -> tuple[Tensor, ...]:
        """All of it."""
        ...
