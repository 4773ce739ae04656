"""What a component must be: the protocols that the engine calls, and the records it hands over.

Shapes: N examples, B of them in a batch, W windows (pieces of long items), L tokens, D features, K classes.
Nothing here is imported from torch at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from vertikit.examples import Examples, Fold, Indices


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


# --- prepare -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used: its number in its file (from 1), why, and what was read."""

    row: int
    reason: str
    raw: str = ""
    source: str = ""


@dataclass(frozen=True)
class Loaded:
    """What a loader leaves: an Arrow IPC stream with every column as string and `_row` (int64, from 1),
    and the rows that could not be read. `vertikit.prepare.row_file` writes such streams."""

    path: Path
    columns: tuple[str, ...]
    bad: tuple[BadRow, ...] = ()


class Loader(Protocol):
    """A source of rows."""

    def reads(self, source: str) -> bool:
        """Whether this loader takes the source, judged by its name alone."""
        ...

    def load(self, source: str, folder: Path) -> Loaded:
        """Read all rows into an Arrow file in `folder`; VertikitError where nothing can be read."""
        ...


class Split(Protocol):
    """Examples -> folds, leak-free by the trade's rule. No example is lost or in two parts."""

    def fits(self, examples: Examples) -> bool:
        """Whether this data has what the split needs (groups, official parts)."""
        ...

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        """Folds of positions; `classes` [N] is the target to stratify by, `test` and `valid` are shares.

        UsageError with the reason where the split does not fit this data.
        """
        ...


# --- select ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BackboneInfo:
    """What an encoder says of itself.

    Args:
        name: as in the recipe. source: where its weights lie or come from, without a machine's paths.
        modality: the column type it reads ("text"). parameters: a count. width: D. max_length: tokens.
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
    """What a backbone gives: `pooled` [B, D]; `tokens` [B, *S, D] with `mask` [B, *S]."""

    pooled: Tensor
    tokens: Tensor | None = None
    mask: Tensor | None = None


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


class Backbone(Protocol):
    """An encoder of one modality."""

    info: BackboneInfo
    module: nn.Module
    """`module(**batch)` with a batch of `Items.collate` gives Features."""
    fingerprint: str
    """Changes with the weights and with every setting that changes features."""

    def items(self, values: Sequence[Any]) -> Items:
        """Preprocess parsed values of a column."""
        ...

    def blocks(self) -> list[nn.Module]:
        """The parts of the encoder from input to output: embeddings first, then `info.layers` layers."""
        ...


class BackboneSource(Protocol):
    """Finds an encoder by name, folder or Hub id; `info` reads no weights into memory."""

    def info(self) -> BackboneInfo: ...

    def build(self) -> Backbone: ...


# --- adapt -------------------------------------------------------------------------------------------


class Head(Protocol):
    """Features -> raw outputs -> probabilities. An `nn.Module`; what it learns outside the gradient are buffers."""

    def fit(self, pooled: Tensor) -> None:
        """Learn the scale of the features from training rows [n, D]."""
        ...

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, K]."""
        ...

    def encode(self, values: Sequence[str]) -> Tensor:
        """Targets as the loss takes them; ValueError for an unknown label."""
        ...

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, K] -> probabilities [N, K]."""
        ...


class Loss(Protocol):
    """(raw [B, K], target [B]) -> unreduced values [B]; the engine weighs, masks and divides."""

    def __call__(self, raw: Tensor, target: Tensor) -> Tensor: ...


class Strategy(Protocol):
    """How a model is adapted."""

    needs_pretrained: bool
    """Whether it makes no sense on an encoder that is not pretrained."""
    features_once: bool
    """Whether the encoder stays frozen, so that each distinct value goes through it once."""
    defaults: Mapping[str, Any]
    """The part of a recipe that suits this strategy, below the task's and the user's."""

    def apply(self, backbone: Backbone) -> None:
        """Freeze, wrap or release the encoder `backbone.module` in place, before training or loading."""
        ...

    def groups(self, backbone: Backbone, rate: float) -> list[dict[str, Any]]:
        """The encoder's trainable parameters as optimiser groups with their learning rates."""
        ...

    def save(self, backbone: Backbone, folder: Path) -> None:
        """Write what training changed in the encoder."""
        ...

    def load(self, backbone: Backbone, folder: Path) -> None:
        """Read it back into an encoder that `apply` was called on."""
        ...


# --- evaluate ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MetricContext:
    """What a metric may know beside the frame: the classes in order, and what was learnt in training."""

    labels: tuple[str, ...]
    learnt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A number that judges predictions.

    `compute(frame, context)` gets a pandas frame with columns `truth`, `prediction`, `weight`, and
    `p.<label>` for every label, and gives a float, or a mapping of named floats. Counts are given as int,
    and get no interval.
    """

    compute: Callable[[pd.DataFrame, MetricContext], float | Mapping[str, float]]
    higher_is_better: bool = True
    lower: float = 0.0
    upper: float = 1.0


class Baseline(Fitted, Protocol):
    """What the user would have used otherwise; built with the task's `inputs` and a `seed`."""

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Learn from all of these rows; the settings may be chosen by `valid`."""
        ...

    def refit(self, train: Examples, target: NDArray[np.object_]) -> Baseline:
        """Another one, learnt from these rows alone with the settings that `fit` chose here."""
        ...

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K], the columns in the order of `labels`."""
        ...


class Policy(Fitted, Protocol):
    """Prediction -> decision + reason."""

    abstains: str
    """The decision that leaves a row to a person."""

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Choose thresholds on calibrated predictions of rows that trained nothing (with `truth`)."""
        ...

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Two text columns, `decision` and `reason`, a line per line of `frame`."""
        ...

    def describe(self) -> str:
        """One sentence on what it does and at which thresholds."""
        ...
