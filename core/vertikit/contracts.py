"""What a component must be: the protocols that the engine calls, and the records it hands over.

Shapes: N examples, B of them in a batch, W windows (pieces of long items), L tokens, D features, K classes.
Nothing here is imported from torch at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor, nn

    from vertikit.columns import Column
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.scale import Scale
    from vertikit.task import Task


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


@dataclass(frozen=True)
class Recorded:
    """A recording as it was read: `values` [T] or [T, C] (or [R, T] and [R, T, C] of R records), C channels;
    `rate` of readings a second, where the file says."""

    values: NDArray[Any]
    rate: float | None = None


class RecordingReader(Protocol):
    """A kind of file that holds a recording."""

    def reads(self, name: str) -> bool:
        """Whether it takes a file of this name."""
        ...

    def read(self, file: BinaryIO) -> Recorded:
        """The whole recording; any error where the file holds none. Nothing in it may be run."""
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
        modality: of the columns it reads: "text", each by itself, or "table" or "series", all as one.
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
    `mask` [B, *S]."""

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
        """Preprocess parsed values of a column; of texts, a tuple is read as one, the last of them in windows."""
        ...

    def blocks(self) -> list[nn.Module]:
        """The parts of the encoder from input to output: embeddings first, then `info.layers` layers."""
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


# --- adapt -------------------------------------------------------------------------------------------


class Head(Protocol):
    """Features -> raw outputs -> answers. An `nn.Module`; what it learns outside the gradient are buffers.

    A head of classes is built with their `labels` and has `probabilities`; a head of numbers is built with `numbers`
    (`vertikit.outcome.numbers.Numbers`: the scale, mean and deviation of training) and has `numbers`.
    """

    def fit(self, pooled: Tensor) -> None:
        """Learn the scale of the features from training rows [n, D]."""
        ...

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, K], or [B, M, K] of features with members."""
        ...

    def merged(self, raw: Tensor) -> Tensor:
        """Raw outputs [B, M, K] of members -> those of the ensemble [B, K]."""
        ...

    def encode(self, values: Sequence[Any]) -> Tensor:
        """Targets (class names, or numbers) as the loss takes them; ValueError for an unknown label."""
        ...

    def probabilities(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, K] -> probabilities [N, K], of a head of classes."""
        ...

    def numbers(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, K] -> numbers [N] in the target's own unit, of a head of numbers."""
        ...


@runtime_checkable
class StartingHead(Protocol):
    """A head whose outputs begin with what the targets of training are like, such as how rare a class is."""

    def start_from(self, encoded: Tensor, weight: Tensor) -> None:
        """Called before each training, with targets [n] as `encode` gives them and weights [n] of training rows."""
        ...


class Loss(Protocol):
    """(raw [B, K], target [B]) -> unreduced values [B]; the engine weighs, masks and divides."""

    def __call__(self, raw: Tensor, target: Tensor) -> Tensor: ...


@runtime_checkable
class WeighingLoss(Loss, Protocol):
    """A loss for which examples weigh differently, by columns of theirs: what a mistake on one costs."""

    needs: tuple[str, ...]
    """Columns of numbers of the task; UsageError where the data lacks one."""

    def weights(
        self, columns: Mapping[str, NDArray[np.float64]], encoded: NDArray[Any], train: Indices
    ) -> NDArray[np.float64]:
        """[N] positive weights of all examples, from those columns and the targets [N] as the head encodes them;
        what is learnt of them is learnt on the positions `train`. Other weights are multiplied with these."""
        ...


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


Use = Literal["features", "constraint", "veto"]
"""How an expert is used: its columns join the model's input; it bounds the answer; it overrules the decision."""


@dataclass(frozen=True)
class Rulings:
    """What an expert holds of examples whatever the model says.

    Args:
        lowest, highest: [N, K] bounds on the probability of each class, 0 and 1 where it says nothing.
        reasons: [N] why, "" where it says nothing.
    """

    lowest: NDArray[np.float64]
    highest: NDArray[np.float64]
    reasons: NDArray[np.object_]


class Expert(Fitted, Protocol):
    """Domain knowledge beside the model, in one or more of three ways (`use`).

    What it remembers of the past is its state; a run keeps the state at the end of training.
    """

    use: tuple[Use, ...]
    """Which of the three its recipe asks for."""

    def begin(self, task: Task, present: Collection[str]) -> str:
        """Look at which of the task's columns the data has; "" or, where it can say nothing of them, why."""
        ...

    def columns(self) -> tuple[Column, ...]:
        """What it adds as features: columns of numbers, after `begin`; none where it is not used so."""
        ...

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """Column name -> values [N], NaN where it does not know.

        An example's values depend on its own columns, on what is remembered, and on earlier examples alone; on the
        `truth` of those only when it is known by then. A None in `truth` is not known.
        """
        ...

    def rulings(self, examples: Examples, labels: tuple[str, ...]) -> Rulings | None:
        """What it holds of these examples, as `constraint` or `veto`; None where it is used for features alone."""
        ...

    def remember(self, examples: Examples, truth: NDArray[np.object_] | None) -> None:
        """Take these examples into the state; those that it knows already change nothing but their late truth."""
        ...


# --- evaluate ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class MetricContext:
    """What a metric may know beside the frame: the classes in order (none where the target is a number), the scale
    that grades or numbers are on, and what metrics have learnt, by their names.

    `policy` are the options of the recipe's policy: what can be looked into, what things cost.
    """

    labels: tuple[str, ...]
    scale: Scale | None = None
    learnt: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """A number that judges predictions.

    `compute(frame, context)` gets a pandas frame with columns `truth`, `prediction`, `weight`, and `p.<label>` for
    every label (of a target that is a number: truth and prediction as floats, and `spread`, `low` and `high` where it
    is known how far off an answer may be), and gives a float, or a mapping of named floats. Counts are given as int,
    and get no interval. The frame also has the task's columns that `needs` names (without one of them the number is
    not defined) and that `uses` names, where the data has them. One that counts different groups (cards of a day) is
    not `resampled`: a group that is drawn twice would count once. What `learn(frame, context)` finds on calibration
    rows (a threshold), a JSON value, is there later as `context.learnt[name]`, for the model and for each baseline its
    own.
    """

    compute: Callable[[pd.DataFrame, MetricContext], float | Mapping[str, float]]
    higher_is_better: bool = True
    lower: float = 0.0
    upper: float = 1.0
    needs: tuple[str, ...] = ()
    resampled: bool = True
    uses: tuple[str, ...] = ()
    learn: Callable[[pd.DataFrame, MetricContext], Any] | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All of the task's columns that it reads."""
        return (*self.needs, *self.uses)


class Baseline(Fitted, Protocol):
    """What the user would have used otherwise; built with the task's `inputs` and a `seed`.

    The target is an array of class names, or of floats where it is a number; it answers one of the two, or both.
    """

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Learn from all of these rows; the settings may be chosen by `valid`."""
        ...

    def refit(self, train: Examples, target: NDArray[np.object_]) -> Baseline:
        """Another one, learnt from these rows alone with the settings that `fit` chose here."""
        ...

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K], the columns in the order of `labels`, where the target is of classes."""
        ...

    def numbers(self, examples: Examples) -> NDArray[np.float64]:
        """[N], where the target is a number."""
        ...


class Policy(Fitted, Protocol):
    """Prediction -> decision + reason. Where the target is a number, `labels` is empty (see `Metric` for the frame)."""

    abstains: str
    """The decision that leaves a row to a person; "" where every row is decided."""
    needs: tuple[str, ...]
    """Columns of the task that `decide` reads from the frame, where the data has them."""
    explains: tuple[str, ...]
    """Decisions whose reason is completed by what in a row spoke for it."""

    def fit(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> None:
        """Choose thresholds on calibrated predictions of rows that trained nothing (with `truth`)."""
        ...

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        """Two text columns, `decision` and `reason`, a line per line of `frame`."""
        ...

    def account(self, frame: pd.DataFrame, decisions: pd.DataFrame) -> Mapping[str, float]:
        """Named numbers on decisions that were made on rows with `truth`, beside coverage and risk; may be empty."""
        ...

    def describe(self) -> str:
        """One sentence on what it does and at which thresholds."""
        ...
