"""What judges and decides: metrics, baselines, policies."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from vertikit.contracts.fitted import Fitted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray
    from torch import Tensor

    from vertikit.examples import Examples
    from vertikit.scale import Scale


@dataclass(frozen=True)
class MetricContext:
    """What a metric may know beside the frame: the classes in order (none where the target is a number), the scale
    that grades or numbers are on, and what metrics have learnt, by their names.

    `policy` are the options of the recipe's policy: what can be looked into, what things cost. `series` are, of a
    forecast, the scales of each series in training by its name (`vertikit.outcome.forecast.SeriesScale`).
    """

    labels: tuple[str, ...]
    scale: Scale | None = None
    learnt: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    series: Mapping[str, Any] = field(default_factory=dict)


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
    own. `aim` is the value that is right of a number of which neither more nor less is better; it cannot decide.
    """

    compute: Callable[[pd.DataFrame, MetricContext], float | Mapping[str, float]]
    higher_is_better: bool = True
    lower: float = 0.0
    upper: float = 1.0
    needs: tuple[str, ...] = ()
    resampled: bool = True
    uses: tuple[str, ...] = ()
    learn: Callable[[pd.DataFrame, MetricContext], Any] | None = None
    aim: float | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """All of the task's columns that it reads."""
        return (*self.needs, *self.uses)


class Explainer(Protocol):
    """Shows where in a picture a model looks."""

    def maps(
        self, forward: Callable[[Tensor], Tensor], pixels: Tensor, chosen: Tensor
    ) -> NDArray[np.float32]:
        """[B, H, W] from 0 to 1: how much each place speaks for the output that was chosen.

        `forward` takes pixels [n, C, H, W] as the model does, and gives outputs [n, K]; `pixels` are [B, C, H, W],
        `chosen` [B] is which output of each is asked about.
        """
        ...


class Baseline(Fitted, Protocol):
    """What the user would have used otherwise; built with the task's `inputs` and a `seed`, and all of its `columns`
    where its factory takes them.

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


@runtime_checkable
class ForecastingBaseline(Baseline, Protocol):
    """A baseline of a target that is foretold."""

    def forecasts(self, examples: Examples) -> NDArray[np.float64]:
        """[N, H, Q] quantiles of each step, from readings up to the origin alone."""
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


@runtime_checkable
class RankingPolicy(Policy, Protocol):
    """A policy some of whose decisions are for the best of all rows alone.

    Rows that are not among the best of some are not among the best of more, and change nothing for the others: so the
    best of each part of a large table, decided on together, come to what the whole table would.
    """

    ranked: tuple[str, ...]
    """These decisions."""
