"""One fit after another of the same model: from its first state, on some rows, by one recipe."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vertikit.adapt import ranks
from vertikit.adapt.assembling import BESIDE, Assembled
from vertikit.adapt.encoding import pooled_features, raw_outputs
from vertikit.adapt.memory import bytes_per_token, freed, halved, ran_out, tokens_that_fit
from vertikit.adapt.trainer import Judge, TrainingData, train_model
from vertikit.contracts import Items, StartingHead, WeighingLoss
from vertikit.errors import VertikitError
from vertikit.evaluate.measuring import take
from vertikit.progress import SILENT, Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.contracts import Metric, MetricContext
    from vertikit.examples import Indices

SCALE_ROWS = 512
"""Training rows from which a head learns the scale of features that are not computed once."""
SCALE_FEATURES = 100_000
"""The same of features that are: all rows, but where they might not fit into memory."""
BATCH = "batch.json"
"""Beside the checkpoints of a fit: the batches that memory left it."""
Raw = NDArray[np.float64]
Tell = Callable[[dict[str, float], int], None]


@dataclass(frozen=True)
class PrimaryMetric:
    """The metric that decides, and what it needs to know: `beside` has, of all examples, the columns it reads."""

    name: str
    metric: Metric
    context: MetricContext
    beside: pd.DataFrame | None = None

    def score(self, frame: pd.DataFrame, indices: Indices) -> float | Mapping[str, float]:
        """Its value for predictions on the examples at those positions."""
        if self.beside is not None and len(self.beside.columns):
            own = take(self.beside, indices)
            frame = frame.assign(**{name: own[name] for name in own.columns})
        return self.metric.compute(frame, self.context)


class Fits:
    """Trains `parts.model` in place, as often as asked, each time from where it was before any training.

    Args:
        inputs: binding name -> items of all examples. truth: [N] of the target. learn: positions that class weights are
            counted on. target: its name. folder: where each fit keeps its checkpoints, under its name.
            columns: name -> numbers [N], those that the loss needs.
    """

    def __init__(
        self,
        parts: Assembled,
        inputs: Mapping[str, Items],
        truth: NDArray[Any],
        learn: Indices,
        recipe: Recipe,
        primary: PrimaryMetric,
        *,
        target: str,
        folder: Path,
        columns: Mapping[str, NDArray[np.float64]] | None = None,
        progress: Progress = SILENT,
    ) -> None:
        self.parts, self.truth, self.recipe, self.primary, self.folder = parts, truth, recipe, primary, folder
        self._inputs, self._target, self._progress = inputs, target, progress
        known = np.flatnonzero(parts.outcome.usable(truth))
        encoded = parts.head.encode(list(truth[known]))
        self._encoded = torch.zeros((len(truth), *encoded.shape[1:]), dtype=encoded.dtype)
        self._encoded[torch.from_numpy(known)] = encoded
        balanced = recipe.class_weights == "balanced"
        self._weights = torch.from_numpy(parts.outcome.weights(truth, learn, balanced))
        if isinstance(parts.loss, WeighingLoss):
            found = parts.loss.weights(columns or {}, self._encoded.numpy(), learn)
            self._weights *= torch.from_numpy(found.astype(np.float32))
        self._loss, self._targets, self._further = parts.loss, self._encoded, np.empty(0, np.int64)
        if parts.teacher is not None:
            self._loss = parts.teacher.loss(parts.loss, encoded.dtype)
            self._targets = parts.teacher.targets(self._encoded)
            self._further = parts.teacher.unlabelled
            self._weights[torch.from_numpy(self._further)] = 1
        self.batch = recipe.batch
        """As the recipe has it, or as much smaller as the memory asks for; the next fits begin with it."""
        self._room: int | None = None
        # Features computed once leave nothing for the encoder to do, so that the trainer sees the heads alone.
        self._model = parts.model.heads_alone() if parts.features_once else parts.model

    def run(
        self,
        name: str,
        train: Indices,
        valid: Indices | None = None,
        *,
        tell: Tell = lambda *_: None,
        record: Callable[[Raw], None] = lambda _: None,
        stop_after: int | None = None,
        patience: int | None = None,
    ) -> list[dict[str, float]]:
        """The log of one fit; `record` gets the validation outputs of each epoch.

        `stop_after` ends it after so many epochs as if more were to come; `patience` stands in for the recipe's.
        """
        recipe = self.recipe if patience is None else self.recipe.model_copy(update={"patience": patience})
        learnt = np.concatenate([train, self._further])
        self._fit_into_memory(learnt)
        self._begin(train)
        data = TrainingData(self._inputs, self._target, self._targets, self._weights, learnt, valid)

        def score(raw: Raw) -> float:
            record(raw)
            return self.score(raw, train if valid is None else valid)

        judge = Judge(self.primary.name, self.primary.metric.higher_is_better, score)
        kept = self.folder / name / BATCH
        if kept.exists():  # of a fit that was interrupted: it goes on in the batches that it had
            self.batch = type(recipe.batch).model_validate_json(kept.read_text(encoding="utf-8"))
        while True:
            if self.batch != recipe.batch:
                kept.parent.mkdir(parents=True, exist_ok=True)
                kept.write_text(self.batch.model_dump_json(), encoding="utf-8")
            try:
                return train_model(
                    self._model,
                    data,
                    self._loss,
                    recipe.model_copy(update={"batch": self.batch}),
                    _groups(self.parts, recipe),
                    None if valid is None else judge,
                    device=self.parts.device,
                    folder=self.folder / name,
                    tell=tell,
                    stop_after=stop_after,
                    # A head on features that are there trains in a second: a bar would only flash.
                    progress=SILENT if self.parts.features_once else self._progress,
                ).epochs
            except (RuntimeError, MemoryError) as error:
                if not ran_out(error):
                    raise
                self._halve(learnt, error)
            # Batches of another size would not go on from where these were: the fit begins anew.
            shutil.rmtree(self.folder / name, ignore_errors=True)
            self._begin(train)

    def _begin(self, train: Indices) -> None:
        """The model as it was before any training, with what its head knows of these rows before."""
        self.parts.model.load_state_dict(self.parts.initial, strict=False)
        torch.manual_seed(self.recipe.seed)
        self._fit_scale(train)
        if isinstance(self.parts.head, StartingHead):
            at = torch.from_numpy(train)
            self.parts.head.start_from(self._encoded[at], self._weights[at])

    def _fit_into_memory(self, learnt: Indices) -> None:
        """On a processor, where what lies between the layers for a batch would not fit into the free memory: smaller
        batches from the start, and more of them a step."""
        if self.parts.features_once or self.parts.device.type != "cpu" or self._room is not None:
            return
        some = learnt if len(learnt) <= SCALE_ROWS else learnt[:: -(-len(learnt) // SCALE_ROWS)]
        self._room = tokens_that_fit(bytes_per_token(self._model, self._inputs, some, self._target))
        self._room = ranks.of_first(self._room)
        while self.batch.tokens > self._room and (smaller := halved(self.batch, self._longest(learnt))):
            self.batch = smaller
        if self.batch != self.recipe.batch:
            self._progress.line(
                f"memory: what is free takes {self._room:,} tokens of a batch: {self._batches()}"
            )

    def _halve(self, learnt: Indices, error: BaseException) -> None:
        smaller = halved(self.batch, self._longest(learnt))
        if smaller is None:
            raise VertikitError(
                "memory ran out on batches of a single example.",
                "Free some of it, train less (strategy=lora or probe), or read less of an example "
                "(backbone.max_length, pictures.side, reshape.window).",
            ) from error
        freed(self._model)
        self.batch = smaller
        self._progress.line(f"memory ran out: training anew with {self._batches()}")

    def _longest(self, learnt: Indices) -> int:
        return max(int(items.lengths[learnt].max(initial=1)) for items in self._inputs.values())

    def _batches(self) -> str:
        each = self.batch
        return f"batches of {each.rows:,} rows and {each.tokens:,} tokens at most, {each.accumulate:,} of them a step"

    def outputs(self, indices: Indices) -> Raw:
        """Raw outputs [n, K] of the model as it is now."""
        return raw_outputs(self.parts.model, self._inputs, indices, self._target, self.parts.device)

    def score(self, raw: Raw, indices: Indices) -> float:
        """The primary metric of raw outputs for those examples."""
        outcome = self.parts.outcome
        frame = outcome.frame(outcome.answers(self.parts.head, raw), list(self.truth[indices]))
        value = self.primary.score(frame, indices)
        assert isinstance(value, float)
        return value

    def _fit_scale(self, train: Indices) -> None:
        """Let the head see what features look like before training: all of them, or those of some rows."""
        known = all(backbone.info.pretrained for backbone in self.parts.backbones.values())
        if not known and not self.parts.features_once:
            return  # what an untrained encoder gives will soon be something else
        columns: list[torch.Tensor] = []
        sample, most = train, SCALE_FEATURES if self.parts.features_once else SCALE_ROWS
        if len(train) > most or not self.parts.features_once:
            sample = np.sort(np.random.default_rng(0).permutation(train)[:most])
        inputs = dict(self._inputs)
        beside = inputs.pop(BESIDE).collate(sample)["pooled"] if BESIDE in inputs else None
        for name, items in inputs.items():
            if self.parts.features_once:
                columns.append(items.collate(sample)["pooled"])
            else:
                backbone = self.parts.backbones[self.parts.bindings[name]]
                pooled = pooled_features(backbone, items, sample, self.parts.device, Progress(None))
                columns.append(torch.from_numpy(pooled))
        with torch.no_grad():
            self.parts.head.fit(self.parts.model.together(columns, beside).to(self.parts.device))


def _groups(parts: Assembled, recipe: Recipe) -> list[dict[str, Any]]:
    head: list[dict[str, Any]] = [
        {"params": list(parts.model.heads.parameters()), "lr": recipe.optimiser.rate}
    ]
    for backbone in parts.backbones.values():
        head += parts.strategy.groups(backbone, recipe.optimiser.encoder_rate)
    return head
