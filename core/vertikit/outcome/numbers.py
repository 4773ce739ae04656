"""A target that is a number: answers are the number, and how far off it may be.

An answer [1] is the number itself; an answer [4] is (number, spread, low, high): the spread is the standard deviation
that errors have there, and `low` to `high` is an interval that is to hold the truth `LEVEL` of the time.
"""

# ruff: noqa: ARG002 - what matters for classes alone is not read here
from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.outcome.choosing import build
from vertikit.scale import Scale

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.evaluate.blending import LinearPool
    from vertikit.evaluate.calibration import AsItIs
    from vertikit.evaluate.spread import Spread
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Lines
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry

BANDS = 5
"""Quantile bands of training numbers that a split keeps in proportion."""
LEVEL = 0.9
"""How often the interval of an answer is to hold the truth."""
FURTHER = ("spread", "low", "high")
QUANTILES = {"low": "q05", "high": "q95"}
"""Columns of the interval -> the suffix that they have in a table of predictions."""


@dataclass(frozen=True)
class Numbers:
    """A number on a scale.

    Args:
        scale: its ends, None where it has none.
        mean, deviation: of the training rows; heads learn in these units.
    """

    scale: Scale = field(default_factory=Scale)
    mean: float = 0.0
    deviation: float = 1.0
    kind: str = "numbers"

    @classmethod
    def read(cls, saved: Mapping[str, Any]) -> Numbers:
        """What `manifest` gave."""
        scale = Scale(saved["minimum"], saved["maximum"], saved["step"], bool(saved["stated"]))
        return cls(scale, float(saved["mean"]), float(saved["deviation"]))

    @property
    def labels(self) -> tuple[str, ...]:
        return ()

    def manifest(self) -> dict[str, Any]:
        return {"kind": self.kind, "mean": self.mean, "deviation": self.deviation, **vars(self.scale)}

    def truth(self, examples: Examples, name: str) -> NDArray[Any]:
        return _floats(examples.values(name))

    def strata(self, truth: NDArray[Any]) -> NDArray[np.object_]:
        known = truth[np.isfinite(truth)]
        shares = np.linspace(0, 1, BANDS + 1)[1:-1]
        cuts = np.unique(np.quantile(known, shares)) if len(known) else np.zeros(0)
        # Right: what piles up at one end of the scale is a band of its own.
        return np.array([f"band {at}" for at in np.searchsorted(cuts, truth, side="right")], object)

    def learns(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """All."""
        return np.ones(len(truth), bool)

    def check(self, target: Column, file_column: str, truth: NDArray[Any]) -> None:
        if len(truth) and np.ptp(truth) == 0:
            value = "one number" if target.private else f"the one number {truth[0]:g}"
            raise VertikitError(
                f"column {file_column!r} holds {value} in all {len(truth):,} usable rows.",
                "Give rows that differ: there is nothing to foretell.",
            )

    def conflicting(self, codes: Indices, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """None: two measurements of the same thing differ, and neither is wrong."""
        return np.zeros(len(truth), bool)

    def unusable(
        self,
        target: Column,
        truth: NDArray[Any],
        codes: Indices,
        uses: NDArray[np.int8],
        cleaning: Cleaning,
    ) -> Reasons:
        """None: every number between others can be learnt and judged."""
        return {}

    def learnt(
        self, folds: Sequence[Fold], truth: NDArray[Any], target: Column, examples: Examples | None = None
    ) -> Numbers:
        known = truth[np.unique(np.concatenate([fold.train for fold in folds]))]
        return replace(self, mean=float(known.mean()), deviation=max(float(known.std()), 1e-12))

    def notes(self, target: Column, folds: Sequence[Fold], truth: NDArray[Any]) -> Iterator[str]:
        """A lone number far from all others may be a slip of the pen."""
        rows = np.unique(np.concatenate([fold.train for fold in folds]))
        distinct, counts = np.unique(truth[rows], return_counts=True)
        if self.scale.stated or len(distinct) < 3 or target.private:
            return
        width = distinct[-2] - distinct[0]
        if counts[-1] * 200 <= len(rows) and distinct[-1] - distinct[-2] > width:
            times = "once" if counts[-1] == 1 else f"{counts[-1]:,} times"
            yield (
                f"{target.name} {distinct[-1]:g} occurs {times}, and the next largest is {distinct[-2]:g}: if that is "
                f"a slip, state the scale: --set scale.maximum={distinct[-2]:g}"
            )

    def lines(self, target: Column, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        yield f"scale of {target.name}: {self.scale}"
        if target.private:
            return
        for name, truth in parts.items():
            if len(truth):
                low, middle, high = np.quantile(truth, [0.1, 0.5, 0.9])
                yield (
                    f"  {name}: mean {truth.mean():.4g}, median {middle:.4g}, eight in ten from {low:.4g} to "
                    f"{high:.4g}, {len(np.unique(truth)):,} different values"
                )

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        wrong = f"head {name!r} tells classes apart, and {target} is a number here."
        return build(name, registry, "numbers", wrong, width=width, numbers=self, **options)

    def usable(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """Numbers on the scale."""
        found = np.isfinite(truth)
        if self.scale.minimum is not None:
            found &= truth >= self.scale.minimum
        if self.scale.maximum is not None:
            found &= truth <= self.scale.maximum
        return np.asarray(found, bool)

    def weights(self, truth: NDArray[Any], learn: Indices, balanced: bool) -> NDArray[np.float32]:
        if balanced:
            raise UsageError(
                "the recipe is wrong at class_weights: the target is a number here, and has no classes.",
                "Leave it out: --set class_weights=none",
            )
        return np.ones(len(truth), dtype=np.float32)

    def answers(self, head: Head, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N, 1]."""
        return self._on_scale(np.asarray(head.numbers(raw), np.float64).reshape(-1, 1))

    def baseline(self, make: Callable[[], Baseline]) -> Baseline:
        return make()

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> NDArray[np.float64]:
        """[N, 1]."""
        if not hasattr(baseline, "numbers"):
            raise UsageError(
                f"baseline {name!r} tells classes apart, and the target is a number here.",
                "Leave it out of the recipe's baselines.",
            )
        return self._on_scale(np.asarray(baseline.numbers(examples), np.float64).reshape(-1, 1))

    def encoded(self, truth: NDArray[Any]) -> NDArray[Any]:
        return truth

    def given(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """[n, 1]."""
        return np.asarray(truth, np.float64)[:, None]

    def lowest(self) -> NDArray[np.float64]:
        """[4]; the scale has a lower end where this is asked."""
        least = self.scale.minimum
        assert least is not None
        return np.array([least, 1e-9, least, least])

    def usual(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """[1] the mean."""
        return np.array([truth.mean()])

    def calibration(self) -> AsItIs:
        from vertikit.evaluate.calibration import AsItIs

        return AsItIs()

    def pool(self) -> LinearPool:
        from vertikit.evaluate.blending import LinearPool

        return LinearPool(self.scale.minimum, self.scale.maximum)

    def certainty(self) -> Spread:
        from vertikit.evaluate.spread import Spread

        return Spread(self.scale.minimum, self.scale.maximum, LEVEL)

    def frame(
        self,
        answers: NDArray[np.float64],
        truth: NDArray[Any] | Sequence[Any] | None,
        weight: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Columns truth, prediction, weight and, of answers [N, 4], spread, low and high: float64.

        ValueError for shapes that do not fit, VertikitError for answers that are not numbers.
        """
        import pandas as pd

        table = np.asarray(answers, np.float64)
        if table.ndim != 2 or table.shape[1] not in (1, 1 + len(FURTHER)):
            raise ValueError(f"answers of shape {table.shape} are no numbers")
        for name, values in (("truth", truth), ("weight", weight)):
            if values is not None and len(values) != len(table):
                raise ValueError(f"{name} has {len(values)} values for {len(table)} answers")
        bad = int((~np.isfinite(table[:, 0])).sum())
        if bad:
            raise VertikitError(
                f"{bad:,} of {len(table):,} predictions are not numbers: training has diverged.",
                "Train again with a lower optimiser.rate.",
            )
        columns = {
            "truth": np.full(len(table), np.nan) if truth is None else _floats(truth),
            "prediction": table[:, 0],
            "weight": np.ones(len(table)) if weight is None else np.asarray(weight, np.float64),
        }
        columns |= dict(zip(FURTHER, table.T[1:], strict=False))
        return pd.DataFrame(columns)

    def tried(self) -> list[Any]:
        return list(self.flawless()["truth"])

    def listed(self, frame: pd.DataFrame, examples: Examples, most: int | None = None) -> Lines:
        from vertikit.outcome import line_an_example

        return line_an_example(frame)

    def flawless(self) -> pd.DataFrame:
        values = np.array([-1.0, 0.0, 1.0]) * self.deviation + self.mean
        return self.frame(values[:, None], values)

    def unjudged(self, frame: pd.DataFrame) -> str:
        """A metric says for itself what it lacks."""
        return ""

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        from vertikit.evaluate.number_curves import held, nearness

        return {"nearness": nearness(frame), **({"interval": held(frame, LEVEL)} if "low" in frame else {})}

    def risk(self, frame: pd.DataFrame, answered: NDArray[np.bool_]) -> dict[str, Any]:
        """The root mean squared error of the answers that are given."""
        from vertikit.evaluate.number_curves import error_coverage, root_mean_square

        error = (frame["prediction"] - frame["truth"]).to_numpy()
        return {
            "risk_kind": "rmse",
            "risk": root_mean_square(error[answered]) if answered.any() else None,
            "curve": error_coverage(frame),
        }

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        found: dict[str, NDArray[Any]] = {target: frame["prediction"].to_numpy()}
        if "spread" in frame:
            found[f"{target}.spread"] = frame["spread"].to_numpy()
            found |= {f"{target}.{word}": frame[name].to_numpy() for name, word in QUANTILES.items()}
        return found

    def _on_scale(self, answers: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.clip(
            answers,
            -np.inf if self.scale.minimum is None else self.scale.minimum,
            np.inf if self.scale.maximum is None else self.scale.maximum,
        )


def _floats(values: Sequence[Any] | NDArray[Any]) -> NDArray[np.float64]:
    """float64 [N], NaN where missing."""
    return np.asarray([np.nan if value is None else float(value) for value in values], np.float64)
