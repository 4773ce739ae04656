"""What an answer to a target is: one of some classes, or a number. All that differs between the two is here.

Answers are arrays [N, A] of floats: what a model, a baseline or a blend of both says of N examples. For classes A is
the number of classes, and an answer their probabilities; for numbers A is 1, the number itself, or 4 where it is known
how far off it may be (see `vertikit.outcome.numbers`); for forecasts A is steps times quantiles (`.forecast`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from vertikit.contracts import Fitted

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry
    from vertikit.scale import Scale

    Answers = NDArray[np.float64]
    Truth = NDArray[Any]
    """[N] objects (classes) or float64 (numbers)."""


@dataclass(frozen=True)
class Lines:
    """Lines of answers.

    Args:
        frame: what policies read. which: [L] the position of the example that a line is of.
        beside: further columns [L] of a table of predictions.
    """

    frame: pd.DataFrame
    which: Indices
    beside: Mapping[str, NDArray[Any]] = field(default_factory=dict)


def line_an_example(frame: pd.DataFrame) -> Lines:
    """The frame as it is."""
    import numpy as np

    return Lines(frame, np.arange(len(frame), dtype=np.int64))


class Pool(Fitted, Protocol):
    """How a model's answers and a baseline's become one, fitted on rows that trained neither."""

    weights: tuple[float, float]
    """Of the model and of the baseline."""
    rows: int
    how: str
    """In words, for a report."""

    def fit(self, own: Answers, other: Answers, truth: Any, /) -> None: ...

    def apply(self, own: Answers, other: Answers) -> Answers: ...


class Calibration(Fitted, Protocol):
    """Sets raw outputs [N, K] right, by rows that trained nothing."""

    always: bool
    """Whether it is fitted whatever the recipe says."""

    def fit(self, raw: NDArray[np.float64], truth: Any, /) -> None: ...

    def apply(self, raw: NDArray[np.float64]) -> NDArray[np.float64]: ...

    def account(self) -> dict[str, Any]:
        """For the key "calibration" of metrics.json; empty where nothing is set right."""
        ...


class Certainty(Fitted, Protocol):
    """Adds to answers how far off they may be, by rows that trained nothing."""

    def fit(self, answers: Answers, truth: Any, /) -> None: ...

    def apply(self, answers: Answers) -> Answers: ...


class Outcome(Protocol):
    """What an answer to one target is, and all that follows from it."""

    @property
    def kind(self) -> str:
        """ "classes", "numbers", "findings", "oddness" or "forecast"."""
        ...

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the answers; none for numbers."""
        ...

    @property
    def scale(self) -> Scale | None:
        """The scale of numbers, or the steps of ordered classes; None where there is neither."""
        ...

    def manifest(self) -> dict[str, Any]:
        """JSON that `outcome_of` reads back."""
        ...

    # --- preparing -------------------------------------------------------------------------------

    def truth(self, examples: Examples, name: str) -> Truth:
        """The values [N] of the target's column of that name; None or NaN where missing."""
        ...

    def strata(self, truth: Truth) -> NDArray[np.object_]:
        """[N] names of what a split keeps in proportion: the class, or a band of numbers."""
        ...

    def learns(self, truth: Truth) -> NDArray[np.bool_]:
        """[N] what training may learn from; other examples are there to be judged alone."""
        ...

    def check(self, target: Column, file_column: str, truth: Truth) -> None:
        """VertikitError where nothing can be learnt of such a target."""
        ...

    def conflicting(self, codes: Indices, truth: Truth) -> NDArray[np.bool_]:
        """[N] whether an example with the same code [N] has another truth, so that one of them is wrong."""
        ...

    def unusable(
        self, target: Column, truth: Truth, codes: Indices, uses: NDArray[np.int8], cleaning: Cleaning
    ) -> Reasons:
        """Examples that can be neither learnt nor judged, with the reasons."""
        ...

    def learnt(
        self, folds: Sequence[Fold], truth: Truth, target: Column, examples: Examples | None = None
    ) -> Outcome:
        """The outcome as training, validation and calibration rows show it; forecasts read `examples` themselves."""
        ...

    def notes(self, target: Column, folds: Sequence[Fold], truth: Truth) -> Iterator[str]:
        """Sentences for the user on what is odd."""
        ...

    def lines(self, target: Column, parts: Mapping[str, Truth]) -> Iterator[str]:
        """Lines for the screen: what the target is, and how it lies in each part."""
        ...

    # --- adapting --------------------------------------------------------------------------------

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        """The head of that name; UsageError where it gives another kind of answer."""
        ...

    def usable(self, truth: Truth) -> NDArray[np.bool_]:
        """[N] what training can learn from and a metric can judge."""
        ...

    def weights(self, truth: Truth, learn: Indices, balanced: bool) -> NDArray[np.float32]:
        """[N] of examples in training."""
        ...

    # --- answering -------------------------------------------------------------------------------

    def answers(self, head: Head, raw: NDArray[np.float64]) -> Answers:
        """Raw outputs [N, K] -> answers."""
        ...

    def baseline(self, make: Callable[[], Baseline]) -> Baseline:
        """An unfitted baseline of this target, of those that `make` gives."""
        ...

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> Answers:
        """A baseline's answers; UsageError where it gives another kind."""
        ...

    def encoded(self, truth: Truth) -> NDArray[Any]:
        """[N] as calibration, pool and certainty take it."""
        ...

    def calibration(self) -> Calibration:
        """Unfitted."""
        ...

    def pool(self) -> Pool:
        """Unfitted."""
        ...

    def certainty(self) -> Certainty | None:
        """Unfitted, or None where an answer says by itself how sure it is."""
        ...

    def given(self, truth: Truth) -> Answers:
        """The answers of one who is certain of these values [n], all usable."""
        ...

    def lowest(self) -> Answers:
        """[A] the answer that is the least there is: the first class, or the least number, for certain."""
        ...

    def usual(self, truth: Truth) -> Answers:
        """[A] what one answers who knows these truths [n] and nothing of a row."""
        ...

    # --- judging ---------------------------------------------------------------------------------

    def frame(
        self, answers: Answers, truth: Truth | Sequence[Any] | None, weight: Sequence[float] | None = None
    ) -> pd.DataFrame:
        """What metrics and policies read: truth, prediction, weight, and columns of its own."""
        ...

    def flawless(self) -> pd.DataFrame:
        """A small frame of right answers, to try a metric on."""
        ...

    def tried(self) -> list[Any]:
        """A few truths, to try a loss on."""
        ...

    def listed(self, frame: pd.DataFrame, examples: Examples, most: int | None = None) -> Lines:
        """What a policy decides on and a table of predictions lists: a line per example, or, of a forecast, one per
        step; of at most about `most` lines, in which examples are left out evenly."""
        ...

    def unjudged(self, frame: pd.DataFrame) -> str:
        """Why these rows cannot judge anything, or ""."""
        ...

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        """Keys of metrics.json that a report draws from."""
        ...

    def risk(self, frame: pd.DataFrame, answered: NDArray[np.bool_]) -> dict[str, Any]:
        """How wrong the answers are that a policy gives: "risk", and "curve" over the share answered."""
        ...

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        """Columns [N] of a table of predictions."""
        ...


def outcome_of(manifest: Mapping[str, Any]) -> Outcome:
    """What `Outcome.manifest` wrote into task.json; KeyError, TypeError or ValueError where it is damaged."""
    from vertikit.outcome.classes import Classes
    from vertikit.outcome.findings import Findings
    from vertikit.outcome.forecast import Forecast
    from vertikit.outcome.numbers import Numbers
    from vertikit.outcome.oddness import Oddness

    saved = manifest.get("outcome") or {"kind": "classes"}
    if saved["kind"] == "numbers":
        return Numbers.read(saved)
    if saved["kind"] == "forecast":
        return Forecast.read(saved)
    if saved["kind"] == "findings":
        return Findings(tuple(str(label) for label in manifest["labels"]))
    if saved["kind"] == "oddness":
        return Oddness.read(manifest["labels"], saved)
    return Classes.read(manifest["labels"], saved)
