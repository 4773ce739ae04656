"""A change held to account: each block in turn as training found it, and what that costs on labelled rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.evaluate.comparing import paired_difference
from vertikit.evaluate.folding import folding
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.judging import ALONE, MODEL, Standard
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.explain.means import mean

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.examples import Examples
    from vertikit.explain.weights import Block, Encoder
    from vertikit.progress import Progress
    from vertikit.run.run import Run

RESAMPLES = 300


@dataclass(frozen=True)
class Reverted:
    """What is left where a block is as training found it.

    Args:
        score: the primary metric, {"value", "ci95"}. lost: of it, against the whole model on the same rows, positive
            where the whole one is better. loss: rise of the mean of the loss that training minimised.
    """

    name: str
    score: dict[str, Any]
    lost: dict[str, Any]
    loss: dict[str, Any]


@dataclass(frozen=True)
class Judge:
    """Labelled rows that the run has not learnt from, and how its answers to them are judged: those of the model alone,
    without a blend, whose other half would cover what a block is worth."""

    run: Run
    examples: Examples
    truth: NDArray[Any]

    @property
    def primary(self) -> str:
        return str(self.run.metrics["primary"])

    def whole(self, encoder: Encoder) -> dict[str, Any]:
        """The primary metric of the encoder as it is."""
        return self._score(self._frame(encoder, self._raw(encoder)))

    def reverted(self, encoder: Encoder, blocks: Sequence[Block], progress: Progress) -> list[Reverted]:
        """Each of those blocks in turn as training found it."""
        raw = self._raw(encoder)
        frame, losses = self._frame(encoder, raw), self._losses(encoder, raw)
        metric = self._standard.metrics[self.primary]
        found = []
        with progress.bar("reverting", len(blocks), "blocks") as advance:
            for block in blocks:
                with encoder.reverted(block):
                    own = self._raw(encoder)
                other = self._frame(encoder, own)
                lost = paired_difference(
                    frame, other, metric, self._context, self._groups(len(frame)), RESAMPLES, self.run.recipe.seed
                )  # fmt: skip
                risen = mean(self._losses(encoder, own) - losses, self.examples.group, self.run.recipe.seed)
                found.append(Reverted(block.name, self._score(other), lost, risen))
                advance(1)
        return found

    @property
    def _standard(self) -> Standard:
        run = self.run
        return Standard(
            resolve_metrics([self.primary], run.registry), self.primary, run.outcome, RESAMPLES, run.recipe.seed,
            run.recipe.policy.options, run.metrics.get("learnt") or {},
        )  # fmt: skip

    @property
    def _context(self) -> Any:
        return self._standard.context_of(MODEL if self.run.recipe.blend is None else ALONE)

    def _raw(self, encoder: Encoder) -> NDArray[np.float64]:
        return encoder.parts.raw(self.examples)

    def _frame(self, encoder: Encoder, raw: NDArray[np.float64]) -> pd.DataFrame:
        """What the metric reads; examples that the protocol folds are judged as one."""
        answers, examples, truth = encoder.parts.alone(raw), self.examples, self.truth
        folds = folding(self.run.task, examples, truth)
        if folds is not None:
            answers, examples, truth = folds.answers(answers), folds.examples(examples), truth[folds.first]
        return with_columns(self.run.outcome.frame(answers, list(truth)), examples, self._standard.columns)

    def _groups(self, lines: int) -> NDArray[np.object_] | None:
        own = self.examples.group
        if own is None or lines == len(own):
            return own
        folds = folding(self.run.task, self.examples, self.truth)
        return None if folds is None else own[folds.first]

    def _score(self, frame: pd.DataFrame) -> dict[str, Any]:
        return measure(
            frame, dict(self._standard.metrics), self._context, groups=self._groups(len(frame)),
            resamples=RESAMPLES, seed=self.run.recipe.seed,
        )[self.primary]  # fmt: skip

    def _losses(self, encoder: Encoder, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """[N] of the recipe's own loss, in the unit that it has there."""
        own = encoder.parts.assembled
        target = own.head.encode(list(self.truth)).to("cpu")
        with torch.no_grad():
            found = own.loss(torch.from_numpy(np.ascontiguousarray(raw)), target)
        return np.asarray(found.double().numpy())
