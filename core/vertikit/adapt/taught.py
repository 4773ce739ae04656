"""Learning by a teacher's answers beside the truth (Hinton, Vinyals and Dean 2015, arXiv:1503.02531)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from vertikit.adapt.nearness import Nearness
from vertikit.contracts import FittedHead, Head, Loss
from vertikit.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.outcome import Answers, Outcome
    from vertikit.recipe import Recipe

LEAST = 1e-6
"""Probability below which a teacher's no is not followed any further."""


@dataclass(frozen=True)
class Teacher:
    """What a teacher answered to all examples, and how far it is followed.

    Args:
        soft: [N, S] log probabilities of the classes, or [N, 1] its numbers as the head encodes them.
        unlabelled: positions of examples without a label, which it alone teaches.
        weight: of its loss; the rest is the truth's. temperature: of both sides' probabilities.
        nearness: what of its encoder the student is drawn to besides.
    """

    soft: Tensor
    unlabelled: Indices
    classes: bool
    weight: float
    temperature: float
    nearness: Nearness | None = None

    def targets(self, encoded: Tensor) -> Tensor:
        """[N, 2 + S] float64: the truth as the head encodes it, whether it is known, and the teacher's answer."""
        known = torch.ones(len(encoded), 1, dtype=torch.float64)
        known[torch.from_numpy(self.unlabelled)] = 0
        parts = [encoded.double().reshape(len(encoded), 1), known, self.soft]
        if self.nearness is not None:
            parts.append(self.nearness.targets(len(encoded)))
        return torch.cat(parts, dim=1)

    def loss(self, truth: Loss, kind: torch.dtype) -> Loss:
        """Both losses as one, on `targets`; `kind` is what the truth's own loss takes."""

        def taught(raw: Tensor, target: Tensor) -> Tensor:
            size = self.soft.shape[1]
            known, soft = target[:, 1].to(raw.dtype), target[:, 2 : 2 + size].to(raw.dtype)
            apart = None
            if self.nearness is not None and raw.shape[1] == self.nearness.outputs + self.nearness.width:
                # In training alone the head says more than its outputs.
                raw, said = raw[:, : -self.nearness.width], raw[:, -self.nearness.width :]
                apart = self.nearness.distance(said, target[:, 2 + size :].to(raw.dtype))
            hard = truth(raw, target[:, 0].to(kind)) * known
            near = self._distance(raw, soft) if self.classes else truth(raw, soft[:, 0].to(kind))
            both = self.weight * near + (1 - self.weight) * hard
            return both if apart is None else both + apart

        return taught

    def _distance(self, raw: Tensor, soft: Tensor) -> Tensor:
        """Divergence of the student from the teacher [B], both softened; its gradient keeps its size."""
        wanted = functional.log_softmax(soft / self.temperature, dim=1)
        said = functional.log_softmax(raw / self.temperature, dim=1)
        each = functional.kl_div(said, wanted, log_target=True, reduction="none")
        return each.sum(dim=1) * self.temperature**2


def teacher_of(
    answers: Answers,
    labels: tuple[str, ...],
    unlabelled: Indices,
    head: Head,
    outcome: Outcome,
    recipe: Recipe,
) -> Teacher:
    """A teacher for that head, from its answers [N, A] and the order of its classes; UsageError where they do not
    fit."""
    if isinstance(head, FittedHead) or outcome.kind not in ("classes", "numbers"):
        raise UsageError(
            f"a head {recipe.head.name!r} is not trained by a loss that could follow a teacher.",
            "Take one that is: --set head=softmax" if outcome.kind == "classes" else "Leave the teacher out.",
        )
    if set(labels) != set(outcome.labels):
        raise UsageError(
            f"the teacher answers with {_listed(labels)}, and the data has {_listed(outcome.labels)}.",
            "Give rows of the teacher's classes.",
        )
    soft: NDArray[Any]
    if outcome.kind == "numbers":
        soft = np.asarray(head.encode(list(answers[:, 0])), np.float64).reshape(len(answers), 1)
    else:
        soft = np.log(np.clip(answers[:, [labels.index(label) for label in outcome.labels]], LEAST, None))
    return Teacher(
        torch.from_numpy(np.ascontiguousarray(soft)),
        unlabelled,
        outcome.kind == "classes",
        recipe.teacher.weight,
        recipe.teacher.temperature,
    )


def _listed(labels: tuple[str, ...]) -> str:
    shown = ", ".join(labels[:4])
    return shown + (f" and {len(labels) - 4} more" if len(labels) > 4 else "")
