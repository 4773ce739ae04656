"""What training is made of: heads, losses, strategies, and experts beside the model."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from vertikit.contracts.fitted import Fitted
from vertikit.contracts.select import Backbone, Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices
    from vertikit.task import Task


class Head(Protocol):
    """Features -> raw outputs -> answers. An `nn.Module`; what it learns outside the gradient are buffers.

    A head of classes is built with their `labels` and has `probabilities`; a head of numbers is built with `numbers`
    (`vertikit.outcome.numbers.Numbers`: the scale, mean and deviation of training) and has `numbers`; one of forecasts
    is built with `forecast` (`vertikit.outcome.forecast.Forecast`: horizon and levels) and has `forecasts`.
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

    def forecasts(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Raw [N, K] -> quantiles [N, H x Q], step by step, in the target's own unit, of a head of forecasts; or
        [N, H + 1], a number a step and the deviation of the series in training."""
        ...


@runtime_checkable
class StartingHead(Protocol):
    """A head whose outputs begin with what the targets of training are like, such as how rare a class is."""

    def start_from(self, encoded: Tensor, weight: Tensor) -> None:
        """Called before each training, with targets [n] as `encode` gives them and weights [n] of training rows."""
        ...


@runtime_checkable
class FittedHead(Fitted, Protocol):
    """A head that learns without a gradient, in one pass over the features of training rows; an `nn.Module` too.

    What it learns may be of any size, and is kept as its state. Of a target of classes it is built with `labels` and
    has `probabilities`, as any head; of one that is sound or odd it is built with `oddness`, and its raw outputs [B, 1]
    are how odd an example is: distances, 0 and up.
    """

    reads: Literal["pooled", "tokens"]
    """What of the features it takes; `pooled` ones of a frozen encoder are computed once."""

    def begin(self, rows: int) -> None:
        """Forget all that was learnt; that many examples will come."""
        ...

    def learn(self, features: Features, target: Tensor) -> None:
        """Take in one batch [B] with targets as `Outcome.encoded` gives them; batches come in an order of their own."""
        ...

    def finish(self) -> None:
        """Called after the last batch."""
        ...

    def forward(self, features: Features) -> Tensor:
        """Raw outputs [B, K]; the same for the same example in any batch."""
        ...


@runtime_checkable
class LocatingHead(FittedHead, Protocol):
    """A fitted head that tells where in an example it found what it answers."""

    def located(self, features: Features) -> tuple[Tensor, Tensor]:
        """Raw outputs [B, K] as `forward` gives them, and maps [B, H, W] over the whole of each example, in the unit of
        the raw outputs."""
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

    def merge(self, backbone: Backbone) -> None:
        """Make what training changed part of the encoder's plain weights, so that its module is as `BackboneSource`
        builds it."""
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

    What it remembers of the past is its state; a run keeps the state at the end of training. One that learns nothing of
    the rows that it sees says so by `remembers = False`: these may then be answered in any order.
    """

    use: tuple[Use, ...]
    """Which of the three its recipe asks for."""

    def begin(self, task: Task, present: Collection[str]) -> str:
        """Look at which of the task's columns the data has; "" or, where it can say nothing of them, why."""
        ...

    def columns(self) -> tuple[Column, ...]:
        """What it adds as features: columns of numbers, after `begin`; none where it is not used so. Of a forecast,
        `vertikit.Series` are columns that are known for the steps to come too."""
        ...

    def features(
        self, examples: Examples, truth: NDArray[np.object_] | None
    ) -> Mapping[str, NDArray[np.float64]]:
        """Column name -> values [N], NaN where it does not know; of a `Series` [M], one for each of
        `examples.windows.readings`, at the times `examples.windows.ahead.stamps`.

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


def remembers(expert: Expert) -> bool:
    """Whether what it says of a row depends on the rows before."""
    return bool(getattr(expert, "remembers", True))
