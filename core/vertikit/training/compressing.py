"""A finished run's encoder as the start of a smaller one: which run, which steps, before and after training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from vertikit.adapt.encoding import raw_outputs
from vertikit.adapt.out_of_fold import Fitting
from vertikit.compress.steps import Step, apply_steps, build_steps
from vertikit.contracts import FittedHead, LearnedBackbone
from vertikit.errors import UsageError, VertikitError
from vertikit.fitted_store import load_fitted
from vertikit.run.merged import merged_weights
from vertikit.run.model_parts import HEAD, LEARNT
from vertikit.run.run import Run, load
from vertikit.training.teaching import check_teacher

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.adapt.assembling import Assembled
    from vertikit.adapt.beside import Beside
    from vertikit.adapt.binding import Bound
    from vertikit.columns import Column
    from vertikit.contracts import Backbone
    from vertikit.examples import Fold
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


WHOLE, NOTHING = "full", "frozen"
"""Strategies: all of what is left is trained again, or nothing."""


@dataclass
class Shrinking:
    """The steps on the way from a run to a smaller one. `done` are those that were taken."""

    run: Run
    steps: list[Step]
    weights: dict[str, dict[str, Tensor]]
    seed: int
    progress: Progress
    done: list[Step] = field(default_factory=list)

    def learn(self, name: str, part: LearnedBackbone | Beside, columns: tuple[Column, ...]) -> None:  # noqa: ARG002
        """Scales and categories as the run has them."""
        load_fitted(self.run.folder / "model" / name, LEARNT, part)

    def begin(self, owner: str, backbone: Backbone, values: Callable[[], Any]) -> None:
        """The run's weights, and the steps that training may come after; `values` are those of training rows."""
        told = (self.run.manifest.get("backbones") or {}).get(owner) or {}
        if told.get("sha256") != backbone.info.sha256:
            raise UsageError(
                f"compress.run: {self.run.folder.name} has another encoder than {backbone.info.name!r} as it is here.",
                "Leave the backbone as the run has it.",
            )
        try:
            backbone.module.load_state_dict(self.weights[owner])
        except (KeyError, RuntimeError) as error:
            raise UsageError(
                f"compress.run: the encoder of {self.run.folder.name} does not fit backbone {backbone.info.name!r}.",
                "Leave the backbone and its options as the run has them.",
            ) from error
        self._take([step for step in self.steps if not step.compressor.last], backbone, values)

    def end(self, assembled: Assembled, values: Callable[[str], Any]) -> None:
        """The steps that no training comes after."""
        for owner, backbone in assembled.backbones.items():
            backbone.module.cpu()
            last = [step for step in self.steps if step.compressor.last]
            self._take(last, backbone, partial(values, owner))
            assembled.model.backbones[owner] = backbone.module.to(assembled.device)
        assembled.steps = tuple(self.done)

    def _take(self, steps: list[Step], backbone: Backbone, values: Callable[[], Any]) -> None:
        for step in steps:
            self.progress.line(f"{step.name}: making {backbone.info.name} smaller")
        done = apply_steps(steps, backbone, lambda: backbone.items(values()), self.seed)
        for step in done:
            self.progress.line(f"{step.name}: {step.told}")
        self.done += done

    def keeps_head(self, assembled: Assembled) -> bool:
        """Whether nothing is trained: the head of the run stays, which was trained with its encoder and not on it."""
        trained = not self.run.parts.assembled.frozen
        return assembled.frozen and trained and not isinstance(assembled.head, FittedHead)

    def with_head(self, assembled: Assembled, bound: Bound, fold: Fold, target: str) -> Fitting:
        """The head of the run on the smaller encoder, which was not trained on the rows for calibration."""
        from safetensors.torch import load_file

        assembled.model.heads.load_state_dict(load_file(self.run.folder / "model" / HEAD))
        raw = raw_outputs(assembled.model, bound.inputs, fold.calibrate, target, assembled.device)
        return Fitting([], fold.calibrate, raw, [(fold.train, fold.calibrate)])


def shrinking(data: Prepared, recipe: Recipe, known: Registry, progress: Progress) -> Shrinking | None:
    """The steps of a recipe that has any; UsageError where its run cannot be made smaller on that data, or where the
    figures would be of rows that it has learnt from."""
    if recipe.compress.run is None:
        if recipe.compress.steps:
            raise UsageError("compress.steps need compress.run.", "Name it: vertikit compress RUN")
        return None
    if recipe.strategy.name not in (WHOLE, NOTHING):
        raise UsageError(
            f"strategy {recipe.strategy.name!r} cannot train what is left of a smaller encoder.",
            f"Take {WHOLE}, or {NOTHING} to train nothing.",
        )
    run = load(recipe.compress.run, known)
    check_teacher(run, data, recipe)
    if run.recipe.compress.steps:
        raise UsageError(
            f"{run.folder}: is a smaller form of {run.recipe.compress.run} already.", "Make that one smaller."
        )
    if run.labels != data.outcome.labels:
        raise VertikitError(
            f"{run.folder}: answers other classes than the data has.",
            "Give the data that it was trained on.",
        )
    steps = build_steps(recipe.compress.steps, known)
    return Shrinking(run, steps, merged_weights(run), recipe.seed, progress)
