"""Why a row got its answer: what each of its parts has to say in the answer of the whole model."""

from __future__ import annotations

import importlib.metadata
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.errors import UsageError
from vertikit.explain.deletion import Ask, Deletion, deletion
from vertikit.explain.parts import Division, Part, Reference, divided

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.examples import Examples
    from vertikit.progress import Progress
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task

AT_ONCE = 64
"""Copies of a row that are asked about together."""


@dataclass(frozen=True)
class Reasons:
    """A row, its answer and what spoke for it.

    Args:
        row: its number in the file `source`. said: the class that it was given, "" of a number. answer: its
            probability, or the number. weights: [P] how far the answer falls without each part.
        deletion: the test of those weights; None of a row of fewer than two parts.
    """

    row: int
    source: str
    said: str
    answer: float
    division: Division
    weights: NDArray[np.float64]
    deletion: Deletion | None

    @property
    def parts(self) -> list[Part]:
        """[P]."""
        return self.division.parts

    @property
    def order(self) -> list[int]:
        """Positions of parts, what has the most to say first."""
        return [int(at) for at in np.argsort(-np.abs(self.weights), kind="stable")]


@dataclass(frozen=True)
class Asked:
    """The answer of the whole model (blended, calibrated, within the bounds of experts) to one of its classes, or its
    number, for examples that may lack parts."""

    parts: ModelParts
    chosen: int

    @classmethod
    def about(cls, parts: ModelParts, example: Examples) -> tuple[Asked, float]:
        """The class that an example is given, or its number; and the answer to it."""
        answers = parts.answers(parts.raw(example), example)[0]
        labels = len(parts.assembled.outcome.labels)
        chosen = int(answers[:labels].argmax()) if labels else 0
        return cls(parts, chosen), float(answers[chosen])

    def of(self, examples: Examples) -> NDArray[np.float64]:
        """[N]."""
        found: NDArray[np.float64] = self.parts.answers(self.parts.raw(examples), examples)[:, self.chosen]
        return found

    @property
    def said(self) -> str:
        """The class, or "" of a number."""
        labels = self.parts.assembled.outcome.labels
        return labels[self.chosen] if labels else ""


def require_captum() -> None:
    """UsageError where the package is missing that attributes."""
    try:
        importlib.metadata.version("captum")
    except importlib.metadata.PackageNotFoundError:
        raise UsageError(
            "what spoke for an answer is found with captum, which is not installed.",
            "Install it: pip install vertikit[explain]; or leave it out: --rows 0",
        ) from None


def reasons(
    parts: ModelParts, task: Task, examples: Examples, reference: Reference, seed: int, progress: Progress
) -> list[Reasons]:
    """One for each example, known to the run's experts before; those in which the model reads nothing have no parts."""
    found = []
    with progress.bar("asking about rows", len(examples), "rows") as advance:
        for at in range(len(examples)):
            found.append(_reasons(parts, task, examples.take(np.array([at])), reference, seed + at))
            advance(1)
    return found


def _reasons(parts: ModelParts, task: Task, example: Examples, reference: Reference, seed: int) -> Reasons:
    asked, answer = Asked.about(parts, example)
    division = divided(parts, task, example, reference)

    def ask(kept: NDArray[np.bool_]) -> NDArray[np.float64]:
        pieces = [kept[start : start + AT_ONCE] for start in range(0, len(kept), AT_ONCE)]
        return np.concatenate([asked.of(division.keeping(piece)) for piece in pieces])

    count = len(division.parts)
    weights = occluded(ask, count) if count else np.zeros(0)
    # A number may be pushed up or down by a part: what moves it most is named, whichever way.
    named = weights if asked.said else np.abs(weights)
    test = deletion(ask, named, answer, seed, signed=bool(asked.said)) if count > 1 else None
    return Reasons(int(example.rows[0]), str(example.source[0]), asked.said, answer, division, weights, test)


def occluded(ask: Ask, count: int) -> NDArray[np.float64]:
    """[P] how far the answer falls when a part is taken away by itself (Zeiler and Fergus 2014, arXiv:1311.2901), by
    captum. What two parts only say together, or each says as well as the other, is not found."""
    import torch
    from captum.attr import FeatureAblation

    def forward(kept: Tensor) -> Tensor:
        return torch.from_numpy(ask(kept.numpy() > 0.5))

    with torch.no_grad():
        found = FeatureAblation(forward).attribute(
            torch.ones(1, count), baselines=0, perturbations_per_eval=AT_ONCE
        )
    return np.asarray(found[0].double().numpy())
