"""A target of classes: answers are their probabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError
from vertikit.outcome.choosing import build
from vertikit.scale import Scale

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.evaluate.blending import LogPool
    from vertikit.evaluate.calibration import Temperature
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Lines
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry

MOST_LINES = 30
"""Classes that are listed by themselves; the others are counted."""


@dataclass(frozen=True)
class Classes:
    """One of the classes `labels`; where they are steps of a scale, `scale` says which."""

    labels: tuple[str, ...] = ()
    scale: Scale | None = None
    kind: str = "classes"

    @classmethod
    def read(cls, labels: Sequence[Any], saved: Mapping[str, Any]) -> Classes:
        """What `manifest` gave, and the labels beside it."""
        scale = None
        if "stated" in saved:
            scale = Scale(saved["minimum"], saved["maximum"], saved["step"], bool(saved["stated"]))
        return cls(tuple(str(label) for label in labels), scale)

    def manifest(self) -> dict[str, Any]:
        found: dict[str, Any] = {"kind": self.kind}
        if self.scale is not None:
            found |= vars(self.scale)
        return found

    def truth(self, examples: Examples, name: str) -> NDArray[Any]:
        return examples.values(name)

    def strata(self, truth: NDArray[Any]) -> NDArray[np.object_]:
        return truth

    def learns(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        """All."""
        return np.ones(len(truth), bool)

    def check(self, target: Column, file_column: str, truth: NDArray[Any]) -> None:
        from vertikit.prepare.classes import check_is_class

        check_is_class(target, file_column, truth)

    def conflicting(self, codes: Indices, truth: NDArray[Any]) -> NDArray[np.bool_]:
        from vertikit.prepare.duplicates import conflicting

        return conflicting(codes, truth)

    def unusable(
        self,
        target: Column,
        truth: NDArray[Any],
        codes: Indices,
        uses: NDArray[np.int8],
        cleaning: Cleaning,
    ) -> Reasons:
        """Classes that training has not, and those that are too rare."""
        from vertikit.prepare.classes import rare, unseen
        from vertikit.prepare.overlap import OUTSIDE

        found = dict(unseen(target, truth, uses))
        uses = uses.copy()
        uses[list(found)] = OUTSIDE
        return found | dict(rare(target, truth, codes, uses, cleaning))

    def learnt(
        self, folds: Sequence[Fold], truth: NDArray[Any], target: Column, examples: Examples | None = None
    ) -> Classes:
        from vertikit.prepare.classes import learnt_classes

        del examples

        names = {name for fold in folds for name in learnt_classes(fold, truth)}
        return replace(self, labels=tuple(sorted(names, key=target.rank)))

    def notes(self, target: Column, folds: Sequence[Fold], truth: NDArray[Any]) -> Iterator[str]:
        from vertikit.prepare.classes import check_both_sides, class_notes

        check_both_sides(target, folds[0], truth)
        yield from class_notes(target, folds, truth)

    def lines(self, target: Column, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        if self.scale is not None:
            yield f"scale of {target.name}: {self.scale}"
        by_part = {name: Counter(each.tolist()) for name, each in parts.items()}
        counts = sum((count for name, count in by_part.items() if name != "calibrate"), Counter[str]())
        yield f"classes: {len(self.labels)} of {target.name}"
        if target.private:
            return
        ranked = counts.most_common()
        shown = ranked[:MOST_LINES]
        width = max(len(str(name)) for name, _ in shown)
        for name, count in shown:
            of_parts = ", ".join(f"{by_class[name]:,} {part}" for part, by_class in by_part.items())
            yield f"  {name!s:{width}}  {count:,} {'row' if count == 1 else 'rows'} ({of_parts})"
        if len(shown) < len(ranked):
            yield f"  and {len(ranked) - len(shown):,} more"

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        wrong = f"head {name!r} names no class, and {target} is one of {len(self.labels)} classes here."
        return build(name, registry, "labels", wrong, width=width, labels=self.labels, **options)

    def usable(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return np.isin(truth, self.labels)

    def weights(self, truth: NDArray[Any], learn: Indices, balanced: bool) -> NDArray[np.float32]:
        """1, or under balanced class weights n / (K n_k) with the counts of the training rows."""
        if not balanced:
            return np.ones(len(truth), dtype=np.float32)
        labels, counts = np.unique(truth[learn].astype(str), return_counts=True)
        by_label = dict(zip(labels, len(learn) / (len(labels) * counts), strict=True))
        return np.asarray([by_label.get(str(label), 1.0) for label in truth], dtype=np.float32)

    def answers(self, head: Head, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Probabilities [N, K]."""
        return head.probabilities(raw)

    def baseline(self, make: Callable[[], Baseline]) -> Baseline:
        return make()

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> NDArray[np.float64]:
        if not hasattr(baseline, "probabilities"):
            raise UsageError(
                f"baseline {name!r} foretells numbers, and the target is of classes here.",
                "Leave it out of the recipe's baselines.",
            )
        return baseline.probabilities(examples, self.labels)

    def encoded(self, truth: NDArray[Any]) -> NDArray[Any]:
        """Class numbers [N], -1 for a class that is not known."""
        place = {label: at for at, label in enumerate(self.labels)}
        return np.asarray([place.get(label, -1) for label in truth], dtype=np.int64)

    def given(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """[n, K] all of the probability on one class."""
        found: NDArray[np.float64] = np.eye(len(self.labels))[self.encoded(truth)]
        return found

    def lowest(self) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.eye(len(self.labels))[0]
        return found

    def usual(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        """[K] the shares of the classes."""
        return np.array([(truth == label).mean() for label in self.labels])

    def calibration(self) -> Temperature:
        from vertikit.evaluate.calibration import Temperature

        return Temperature()

    def pool(self) -> LogPool:
        from vertikit.evaluate.blending import LogPool

        return LogPool()

    def certainty(self) -> None:
        """Probabilities say by themselves how sure they are."""
        return

    def frame(
        self,
        answers: NDArray[np.float64],
        truth: NDArray[Any] | Sequence[Any] | None,
        weight: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        from vertikit.evaluate.frame import prediction_frame

        return prediction_frame(self.labels, answers, None if truth is None else list(truth), weight)

    def tried(self) -> list[Any]:
        return list(self.flawless()["truth"])

    def listed(self, frame: pd.DataFrame, examples: Examples, most: int | None = None) -> Lines:  # noqa: ARG002
        from vertikit.outcome import line_an_example

        return line_an_example(frame)

    def flawless(self) -> pd.DataFrame:
        return self.frame(np.eye(len(self.labels)), list(self.labels))

    def unjudged(self, frame: pd.DataFrame) -> str:  # noqa: ARG002
        """A metric says for itself what it lacks."""
        return ""

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        from vertikit.evaluate.curves import confusion, reliability

        return {"confusion": confusion(frame, self.labels), "reliability": reliability(frame)}

    def risk(self, frame: pd.DataFrame, answered: NDArray[np.bool_]) -> dict[str, Any]:
        """The share of wrong answers."""
        from vertikit.evaluate.curves import risk_coverage
        from vertikit.evaluate.frame import is_right

        right = is_right(frame)
        return {
            "risk": float((~right[answered]).mean()) if answered.any() else None,
            "curve": risk_coverage(frame),
        }

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        from vertikit.evaluate.frame import probability_columns

        found: dict[str, NDArray[Any]] = {target: np.asarray(frame["prediction"], dtype=object)}
        for name in probability_columns(self.labels):
            found[f"{target}.{name}"] = frame[name].to_numpy()
        return found
