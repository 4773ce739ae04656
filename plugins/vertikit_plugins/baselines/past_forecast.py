"""What forecasts by rule share: quantiles from their own errors in training, step by step."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit import UsageError
from vertikit.contracts import State
from vertikit.series_columns import Future
from vertikit_plugins.forecasting.normalising import filled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples
    from vertikit.windows import Windows

MOST = 4_000
"""Training examples that errors are learnt from, evenly spread."""
TINY = 1e-9


def history(windows: Windows, count: int) -> NDArray[np.float64]:
    """[N, count] the last readings of the target up to the origin, back to the beginning of the series; gaps closed.

    What lies before the beginning is the first reading.
    """
    ahead = windows.ahead
    assert ahead is not None
    column = np.asarray(windows.readings[:, windows.names.index(ahead.target)])
    at = windows.stop[:, None] + np.arange(-count, 0)
    there = at >= ahead.begin[:, None]
    return filled(np.where(there, column[np.maximum(at, 0)], np.nan))


class PastForecast(ABC):
    """A rule that makes the next steps of the last ones; a subclass has `points`.

    Quantiles are those of its errors on training rows by step, in units of how much a series moves from step to step in
    the context, which is known at the origin: so a calm series has narrow ones.
    """

    def __init__(self, inputs: tuple[Column, ...], seed: int, columns: tuple[Column, ...]) -> None:
        self._built = (inputs, seed, columns)
        target = next((each for each in columns if isinstance(each, Future)), None)
        if target is None:
            raise UsageError(
                "this baseline foretells steps, and the task has no such target.", "Leave it out."
            )
        self.levels = target.levels
        self._errors = np.zeros((0, len(self.levels)))
        self.settings: dict[str, float] = {}
        """What `chosen` gave."""

    def chosen(self, windows: Windows, truth: NDArray[np.float64]) -> dict[str, float]:  # noqa: ARG002
        """Settings by training rows; none where a rule has none."""
        return {}

    @abstractmethod
    def points(self, windows: Windows) -> NDArray[np.float64]:
        """[N, H] one number a step."""

    def fit(self, train: Examples, target: NDArray[Any], valid: Examples, valid_target: NDArray[Any]) -> None:
        """Settings and errors, from training rows."""
        del valid, valid_target  # the errors of later rows are what the intervals are judged by
        self._learn(train, target, choose=True)

    def refit(self, train: Examples, target: NDArray[Any]) -> PastForecast:
        """Another one, with the errors on these rows."""
        other = type(self)(*self._built)
        other.settings = self.settings
        other._learn(train, target, choose=False)
        return other

    def forecasts(self, examples: Examples) -> NDArray[np.float64]:
        """[N, H, Q]."""
        windows = _windows(examples)
        points, unit = self.points(windows), _unit(windows)
        return np.asarray(points[:, :, None] + unit[:, None, None] * self._errors[None])

    def state(self) -> State:
        return State(tree=dict(self.settings), arrays={"errors": self._errors})

    def load(self, state: State) -> None:
        self.settings = {name: float(value) for name, value in state.tree.items()}
        self._errors = state.arrays["errors"]

    def _learn(self, train: Examples, target: NDArray[Any], *, choose: bool) -> None:
        some = np.arange(len(train))
        if len(some) > MOST:
            some = np.unique(np.linspace(0, len(train) - 1, MOST).round().astype(np.int64))
        windows, truth = _windows(train).take(some), np.asarray(target, np.float64)[some]
        if choose:
            self.settings = self.chosen(windows, truth)
        error = (truth - self.points(windows)) / _unit(windows)[:, None]
        known = np.isfinite(error)
        found = np.nanquantile(np.where(known.any(axis=0), error, 0.0), self.levels, axis=0).T
        middle = list(self.levels).index(0.5)
        # The rule's own number stays the middle.
        self._errors = np.asarray(found - found[:, [middle]])


def _windows(examples: Examples) -> Windows:
    assert examples.windows is not None
    return examples.windows


def _unit(windows: Windows) -> NDArray[np.float64]:
    """[N] the mean absolute change from step to step in the context."""
    context = history(windows, int(windows.lengths.max(initial=2)))
    moved = np.abs(np.diff(context, axis=1)).mean(axis=1)
    return np.asarray(np.maximum(moved, TINY))
