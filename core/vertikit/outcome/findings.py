"""A target of several findings, each yes, no, or not known: answers [N, K] are their probabilities, one by one."""

# ruff: noqa: ARG002 - what matters for classes alone is not read here
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import VertikitError
from vertikit.outcome.choosing import build

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.contracts import Baseline, Head
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Calibration, Lines, Pool
    from vertikit.outcome.each_finding import EachFinding
    from vertikit.prepare.overlap import Reasons
    from vertikit.recipe.model import Cleaning
    from vertikit.registry import Registry

NOTHING = "no finding"
OTHERS = "*"
THRESHOLD = 0.5


def read_findings(value: str | None) -> tuple[set[str], set[str], bool]:
    """(findings that are there, findings that are not, whether none of all others is there) of a parsed value."""
    pieces = (value or "").split("|")
    there = {piece[1:] for piece in pieces if piece.startswith("+")}
    absent = {piece[1:] for piece in pieces if piece.startswith("-")}
    return there, absent, OTHERS in pieces


def matrix(truth: Sequence[Any], labels: Sequence[str]) -> NDArray[np.float64]:
    """[N, K] 1, 0, or NaN where it is not known."""
    known: dict[Any, NDArray[np.float64]] = {}
    for value in set(truth):
        there, absent, others = read_findings(value)
        known[value] = np.array(
            [1.0 if each in there else 0.0 if others or each in absent else np.nan for each in labels]
        )
    if not len(truth):
        return np.empty((0, len(labels)))
    return np.stack([known[value] for value in truth])


@dataclass(frozen=True)
class Findings:
    """Several findings `labels`."""

    labels: tuple[str, ...] = ()
    kind: str = "findings"
    scale: None = None

    def manifest(self) -> dict[str, Any]:
        return {"kind": self.kind}

    def truth(self, examples: Examples, name: str) -> NDArray[Any]:
        return examples.values(name)

    def strata(self, truth: NDArray[Any]) -> NDArray[np.object_]:
        """[N] the rarest finding that is there."""
        counts = Counter(name for value in truth for name in read_findings(value)[0])
        return np.array(
            [
                min(read_findings(value)[0], key=lambda name: (counts[name], name), default=NOTHING)
                for value in truth
            ],
            object,
        )

    def check(self, target: Column, file_column: str, truth: NDArray[Any]) -> None:
        names = {name for value in truth for name in read_findings(value)[0]}
        if not names:
            raise VertikitError(
                f"{target.name} ({file_column}) names no finding that is there in any row.",
                f"Name the columns of findings: --map {target.name}=ONE+OTHER",
            )

    def conflicting(self, codes: Indices, truth: NDArray[Any]) -> NDArray[np.bool_]:
        from vertikit.prepare.duplicates import conflicting

        return conflicting(codes, truth)

    def unusable(
        self, target: Column, truth: NDArray[Any], codes: Indices, uses: NDArray[np.int8], cleaning: Cleaning
    ) -> Reasons:
        return {}

    def learns(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return np.ones(len(truth), bool)

    def learnt(
        self, folds: Sequence[Fold], truth: NDArray[Any], target: Column, examples: Examples | None = None
    ) -> Findings:
        """The findings that training rows have with yes and with no."""
        rows = np.unique(np.concatenate([part for fold in folds for part in (fold.train, fold.valid)]))
        names = sorted({name for value in truth[rows] for name in read_findings(value)[0]})
        table = matrix(list(truth[rows]), names)
        both = [(table[:, at] == 1).any() and (table[:, at] == 0).any() for at in range(len(names))]
        kept = tuple(name for name, ok in zip(names, both, strict=True) if ok)
        if not kept:
            raise VertikitError(
                f"no finding of {target.name} is both there and not there in training.",
                "Give rows of both kinds, or columns that say no where a finding is not there.",
            )
        return replace(self, labels=kept)

    def notes(self, target: Column, folds: Sequence[Fold], truth: NDArray[Any]) -> Iterator[str]:
        every = sorted(
            {name for value in truth for name in (*read_findings(value)[0], *read_findings(value)[1])}
        )
        kept = self.learnt(folds, truth, target).labels
        if lost := [name for name in every if name not in kept]:
            yield f"left out, for want of rows with and without them in training: {', '.join(lost)}"
        for name, test in folds[0].tests.items():
            table = matrix(list(truth[test]), kept)
            lacking = [each for at, each in enumerate(kept) if not (table[:, at] == 1).any()]
            if lacking:
                yield f"no row of the part {name!r} has {', '.join(lacking)}: how well it is found cannot be told"

    def lines(self, target: Column, parts: Mapping[str, NDArray[Any]]) -> Iterator[str]:
        yield f"findings: {len(self.labels)} of {target.name}"
        width = max(len(name) for name in self.labels)
        tables = {name: matrix(list(each), self.labels) for name, each in parts.items()}
        for at, name in enumerate(self.labels):
            told = ", ".join(
                f"{int((table[:, at] == 1).sum()):,} yes and {int((table[:, at] == 0).sum()):,} no {part}"
                for part, table in tables.items()
            )
            yield f"  {name:{width}}  {told}"

    def build_head(
        self, name: str, registry: Registry, width: int, options: Mapping[str, Any], target: str
    ) -> Head:
        wrong = f"head {name!r} tells one of some classes, and {target} is of several findings."
        return build(name, registry, "findings", wrong, width=width, findings=self.labels, **options)

    def usable(self, truth: NDArray[Any]) -> NDArray[np.bool_]:
        return np.asarray(np.isfinite(matrix(list(truth), self.labels)).any(axis=1))

    def weights(self, truth: NDArray[Any], learn: Indices, balanced: bool) -> NDArray[np.float32]:
        return np.ones(len(truth), np.float32)

    def answers(self, head: Head, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        return head.probabilities(raw)

    def baseline(self, make: Callable[[], Baseline]) -> EachFinding:
        """One for each finding."""
        from vertikit.outcome.each_finding import EachFinding

        return EachFinding(self.labels, make)

    def asked(self, name: str, baseline: Baseline, examples: Examples) -> NDArray[np.float64]:
        return baseline.probabilities(examples, self.labels)

    def encoded(self, truth: NDArray[Any]) -> NDArray[Any]:
        return matrix(list(truth), self.labels)

    def calibration(self) -> Calibration:
        from vertikit.evaluate.platt import Platt

        return Platt()

    def pool(self) -> Pool:
        from vertikit.evaluate.blending import FindingsPool

        return FindingsPool()

    def certainty(self) -> None:
        return

    def given(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        return np.nan_to_num(matrix(list(truth), self.labels))

    def lowest(self) -> NDArray[np.float64]:
        return np.zeros(len(self.labels))

    def usual(self, truth: NDArray[Any]) -> NDArray[np.float64]:
        table = matrix(list(truth), self.labels)
        known = np.isfinite(table).sum(axis=0)
        return np.asarray(np.nansum(table, axis=0) / np.maximum(known, 1))

    def frame(
        self,
        answers: NDArray[np.float64],
        truth: NDArray[Any] | Sequence[Any] | None,
        weight: Sequence[float] | None = None,
    ) -> pd.DataFrame:
        """Truth and prediction as words (of findings that are known, where the truth is given), `p.<finding>`, and
        `is.<finding>` 1, 0 or NaN."""
        import pandas as pd

        if not np.isfinite(answers).all():
            raise VertikitError(
                "predictions are not numbers: training has diverged.",
                "Train again with a lower optimiser.rate.",
            )
        found: dict[str, Any] = {
            "weight": np.ones(len(answers)) if weight is None else np.asarray(weight, float)
        }
        known = np.ones(answers.shape, bool)
        if truth is not None:
            table = matrix(list(truth), self.labels)
            known = np.isfinite(table)
            found["truth"] = self._words(table == 1)
            found |= {f"is.{name}": table[:, at] for at, name in enumerate(self.labels)}
        found["prediction"] = self._words((answers >= THRESHOLD) & known)
        found |= {f"p.{name}": answers[:, at] for at, name in enumerate(self.labels)}
        return pd.DataFrame(found)

    def _words(self, there: NDArray[np.bool_]) -> NDArray[np.object_]:
        told = [", ".join(np.array(self.labels, object)[row]) or NOTHING for row in there]
        result = np.empty(len(told), object)
        result[:] = told
        return result

    def tried(self) -> list[Any]:
        return list(self.flawless()["truth"])

    def listed(self, frame: pd.DataFrame, examples: Examples, most: int | None = None) -> Lines:
        from vertikit.outcome import line_an_example

        return line_an_example(frame)

    def flawless(self) -> pd.DataFrame:
        rows = np.stack([np.ones(len(self.labels)), np.zeros(len(self.labels))])
        truth = ["|".join(f"+{name}" for name in self.labels), "|".join(f"-{name}" for name in self.labels)]
        frame = self.frame(rows, truth)
        frame["truth"] = truth  # as they are parsed: a head encodes these
        return frame

    def unjudged(self, frame: pd.DataFrame) -> str:
        return ""

    def drawn(self, frame: pd.DataFrame) -> dict[str, Any]:
        return {}

    def risk(self, frame: pd.DataFrame, answered: NDArray[np.bool_]) -> dict[str, Any]:
        """The share of answers with any finding wrong."""
        from vertikit.evaluate.frame import is_right

        right = is_right(frame)
        return {"risk": float((~right[answered]).mean()) if answered.any() else None}

    def columns(self, target: str, frame: pd.DataFrame) -> dict[str, NDArray[Any]]:
        table = frame[[f"p.{name}" for name in self.labels]].to_numpy(np.float64)
        found: dict[str, NDArray[Any]] = {target: self._words(table >= THRESHOLD)}
        for at, name in enumerate(self.labels):
            found[f"{target}.p.{name}"] = table[:, at]
        return found
