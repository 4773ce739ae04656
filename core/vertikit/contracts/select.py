"""Encoders: what they say of themselves, take and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from vertikit.contracts.fitted import Fitted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from vertikit.columns import Column
    from vertikit.examples import Indices


@dataclass(frozen=True)
class BackboneInfo:
    """What an encoder says of itself.

    Args:
        name: as in the recipe. source: where its weights lie or come from, without a machine's paths.
        modality: of the columns it reads: "text" or "image", each by itself, or "table" or "series", all as one.
        parameters: a count. width: D. max_length: tokens.
        layers: how many blocks, from input to output, `partial` may choose from.
        adapter_targets: module names that an adapter goes on.
        sha256: of the weights file(s).
    """

    name: str
    source: str
    modality: str
    pretrained: bool
    licence: str
    languages: tuple[str, ...]
    parameters: int
    width: int
    max_length: int
    layers: int
    adapter_targets: tuple[str, ...]
    sha256: str


@dataclass
class Features:
    """What a backbone gives: `pooled` [B, D], or [B, M, D] of an ensemble of M members; `tokens` [B, *S, D] with
    `mask` [B, *S]; of a forecaster, whose tokens are the steps to come, `scale` [B, 3]: location and scale that its
    window was put on, and the deviation of its series in training, which errors are weighed by; [B, 3 + H] with what
    the steps are foretold from, on that scale."""

    pooled: Tensor
    tokens: Tensor | None = None
    mask: Tensor | None = None
    scale: Tensor | None = None


class Items(Protocol):
    """Preprocessed values of one column, ready to be batched."""

    lengths: NDArray[np.int64]
    """[N] tokens of an item's longest window."""
    windows: NDArray[np.int64]
    """[N] how many windows an item is read in."""
    left_out: NDArray[np.int64]
    """[N] tokens beyond the last window taken."""

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """One batch, padded to its longest window."""
        ...


@runtime_checkable
class AugmentingItems(Items, Protocol):
    """Items that training sees altered in ways that keep their labels true."""

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """One batch as `collate` gives it, altered; the same for the same item, epoch and seed in any batch."""
        ...


@runtime_checkable
class DrawingItems(AugmentingItems, Protocol):
    """Items that training sees altered by what other items hold."""

    def draw_from(self, train: Indices) -> None:
        """Told before each training: the only items that others may be altered by."""
        ...


@runtime_checkable
class AugmentingBackbone(Protocol):
    """A backbone whose recipe may ask for altered items."""

    @property
    def alters(self) -> bool:
        """Whether it does, so that it can be said where nothing comes of it."""
        ...


class Backbone(Protocol):
    """An encoder of one modality."""

    info: BackboneInfo
    module: nn.Module
    """`module(**batch)` with a batch of `Items.collate` gives Features."""
    fingerprint: str
    """Changes with the weights and with every setting that changes features."""

    def items(self, values: Sequence[Any]) -> Items:
        """Preprocess parsed values of a column; of texts, a tuple is read as one, the last of them in windows.
        Pictures come as a `vertikit.pictures.Pictures`; their frames are the windows of an item, and a batch has
        them as `pixels` [W, C, height, width] from 0 to 255, item by item."""
        ...

    def blocks(self) -> list[nn.Module]:
        """The parts of the encoder from input to output: embeddings first, then `info.layers` layers."""
        ...


@runtime_checkable
class PairedItems(Items, Protocol):
    """Items that can be seen in two ways, for an encoder to learn what stays the same."""

    def views(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """One batch of two altered views of each item, all first ones before all second ones; the same for the same
        item, epoch and seed in any batch."""
        ...


@runtime_checkable
class PretextBackbone(Backbone, Protocol):
    """An encoder with tasks that need no labels."""

    @property
    def pretexts(self) -> Mapping[str, float]:
        """Those tasks by name, with the learning rate that suits each; the first is taken where none is asked for."""
        ...

    def pretext(self, name: str) -> nn.Module:
        """A fresh module for one of them, called with the encoder's `module` and a batch -> losses [B].

        The batch is one of two views where items are `PairedItems`, else what `Items.collate` gives. UsageError where
        this encoder cannot be trained so.
        """
        ...


@runtime_checkable
class LearnedBackbone(Fitted, Protocol):
    """A backbone of tables or series: it reads several columns as one, and `fit` makes its module for the data at hand.

    Its `items` take what `vertikit.adapt.table_values` gives, or `vertikit.adapt.series_values`.
    """

    def fit(self, columns: Sequence[Column], values: Any) -> None:
        """Learn scales and categories from the values [n] of training rows, and make the untrained module."""
        ...


class BackboneSource(Protocol):
    """Finds an encoder by name, folder or Hub id; `info` reads no weights into memory."""

    def info(self) -> BackboneInfo: ...

    def build(self) -> Backbone: ...
