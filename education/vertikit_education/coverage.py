"""Which parts of the reference an answer covers, and which are missing."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.remarks import Encode
    from vertikit.task import Task

SEVERAL = "|||"
BETWEEN = " | "
GRID = np.round(np.arange(0.2, 0.91, 0.05), 2)
MOST_ROWS = 300
"""From which the threshold is learnt."""
LEAST = 0.1
"""Correlation of the share covered with the grade below which nothing is said: it would mislead."""
_SENTENCE = re.compile(r"(?<=[.!?;:])\s+|\n+")
_CLAUSE = re.compile(r",\s+(?=(?:and|or|but|which|while|so|because|und|oder|aber)\b)")


def parts(text: str) -> list[str]:
    """Sentences, and clauses of long ones, in order; pieces of fewer than two words go with the one before."""
    found: list[str] = []
    for sentence in _SENTENCE.split(text):
        pieces = _CLAUSE.split(sentence) if len(sentence.split()) > 12 else [sentence]
        for piece in (each.strip() for each in pieces):
            if found and len(piece.split()) < 2:
                found[-1] = f"{found[-1]} {piece}".strip()
            elif piece:
                found.append(piece)
    return found


class Coverage:
    """A part of the reference is covered where a part of the answer, or all of it, is near it by the encoder's cosine.

    The threshold is the one at which the share of covered parts goes best with the grades of rows that are no test's;
    where even that hardly goes with them, nothing is said. Of several references it is the one that the answer covers
    most. It tells what was said, not whether it was said rightly: a part that is denied counts as covered.
    """

    columns = ("covered", "missing")

    def __init__(self) -> None:
        self.threshold: float | None = None
        self.correlation = 0.0
        self.rows = 0

    def begin(self, task: Task, present: Sequence[str]) -> bool:
        """Whether there are a reference and an answer."""
        del task
        return {"reference", "answer"} <= set(present)

    def fit(self, examples: Examples, truth: NDArray[Any], encode: Encode) -> None:
        """Choose the threshold by the correlation with the grades [n]."""
        rows = np.sort(np.random.default_rng(0).permutation(len(examples))[:MOST_ROWS])
        grades = np.asarray([float(each) for each in truth[rows]], np.float64)
        likeness = [max(each, key=np.mean) for each in _likeness(examples.take(rows), encode)[1]]
        self.rows = len(rows)
        scores = [_correlation(np.array([(each >= at).mean() for each in likeness]), grades) for at in GRID]
        best = int(np.argmax(scores)) if len(rows) else 0
        self.correlation = scores[best] if len(rows) else 0.0
        self.threshold = float(GRID[best]) if self.correlation >= LEAST else None

    def remark(self, examples: Examples, encode: Encode) -> Mapping[str, Sequence[str]]:
        """Parts of the reference, in its own words; the answer is not quoted."""
        if self.threshold is None or not len(examples):
            return {name: [""] * len(examples) for name in self.columns}
        references, likeness = _likeness(examples, encode)
        found: dict[str, list[str]] = {name: [] for name in self.columns}
        for of_row, near in zip(references, likeness, strict=True):
            covered = [each >= self.threshold for each in near]
            best = max(range(len(near)), key=lambda at: float(covered[at].mean()))
            for name, wanted in (("covered", True), ("missing", False)):
                said = [part for part, yes in zip(of_row[best], covered[best], strict=True) if yes == wanted]
                found[name].append(BETWEEN.join(said))
        return found

    def state(self) -> State:
        return State(tree={"threshold": self.threshold, "correlation": self.correlation, "rows": self.rows})

    def load(self, state: State) -> None:
        threshold = state.tree["threshold"]
        self.threshold = None if threshold is None else float(threshold)
        self.correlation, self.rows = float(state.tree["correlation"]), int(state.tree["rows"])


def _likeness(
    examples: Examples, encode: Encode
) -> tuple[list[list[list[str]]], list[list[NDArray[np.float64]]]]:
    """Of each row, for each of its references: its parts, and how near the answer comes to each of them."""
    references = [
        [parts(one) or [one] for one in (cell or "").split(SEVERAL)] for cell in examples.column("reference")
    ]
    answers = [[whole, *parts(whole)] for whole in (each or "" for each in examples.column("answer"))]
    texts = sorted(
        {text for row in references for one in row for text in one} | {t for a in answers for t in a}
    )
    place = {text: at for at, text in enumerate(texts)}
    features = np.asarray(encode(texts), np.float64)
    features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
    near: list[list[NDArray[np.float64]]] = []
    for row, answer in zip(references, answers, strict=True):
        said = features[[place[text] for text in answer]]
        empty = not answer[0].strip()
        near.append(
            [
                np.full(len(one), -1.0)
                if empty
                else (features[[place[text] for text in one]] @ said.T).max(axis=1)
                for one in row
            ]
        )
    return references, near


def _correlation(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    if len(one) < 3 or np.ptp(one) == 0 or np.ptp(other) == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])
