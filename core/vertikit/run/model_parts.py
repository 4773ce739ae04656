"""The fitted parts of a run on disk, under model/: trained weights, calibration, blend, policy, baselines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.assembling import BESIDE, Assembled, assemble
from vertikit.adapt.binding import bound_values, with_beside
from vertikit.adapt.encoding import lengths_of, located_outputs, pooled_features, raw_outputs
from vertikit.adapt.expertise import added_columns, build_experts, with_expertise
from vertikit.adapt.pretraining import FILE as PRETRAINED
from vertikit.adapt.pretraining import load_pretrained
from vertikit.compress.steps import build_steps, restore_steps, save_steps
from vertikit.contracts import (
    Backbone,
    Baseline,
    Expert,
    FittedHead,
    Items,
    LearnedBackbone,
    LocatingHead,
    Policy,
)
from vertikit.errors import VertikitError
from vertikit.evaluate.blending import Blend
from vertikit.evaluate.reasons import Usual
from vertikit.evaluate.ruling import Held, constrained, decided, held
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit.prepare.learnt_from import LearntFrom
from vertikit.prepare.reshape.reshaped import channel_names, made_columns, task_of_examples
from vertikit.progress import SILENT, Progress
from vertikit.recipe import Recipe
from vertikit.registry import Registry
from vertikit.registry.options import options_of
from vertikit.remarks import Remarks, build_remarks
from vertikit.task import Task

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices
    from vertikit.outcome import Calibration, Certainty, Outcome
    from vertikit.run.run import Run

HEAD = "head.safetensors"
FITTED_HEAD = "fitted-head"
"""What a head has learnt without a gradient."""
LEARNT = "columns"
"""What a backbone that is made for the data has learnt of them, in its own folder."""
EXPERTS = "experts"
"""Folder of what experts remember."""
USUAL = "usual"
"""What columns usually hold, for the reasons of a decision."""
REMARKS = "remarks"
"""What remarks on answers have learnt."""
CERTAINTY = "certainty"
"""How far off numbers may be."""
LEARNT_FROM = "learnt-from"
"""Hashes of the rows that the run has seen."""
BLEND = "blend"
"""Folder of the blend: its weights, and the baseline that is part of the model then."""


@dataclass
class ModelParts:
    """All that a prediction passes through, and the baselines beside it."""

    assembled: Assembled
    calibration: Calibration
    policy: Policy
    baselines: Mapping[str, Baseline]
    blend: Blend | None = None
    certainty: Certainty | None = None
    experts: Mapping[str, Expert] = field(default_factory=dict)
    usual: Usual | None = None
    learnt_from: LearntFrom = field(default_factory=LearntFrom)
    lowest_without: str = ""
    remarks: Remarks | None = None

    def known(self, examples: Examples, task: Task) -> Examples:
        """New examples with what the experts know of them; their own labels, where given, are known late."""
        return (
            with_expertise(examples, self.experts, _late_truth(examples, task)) if self.experts else examples
        )

    def remember(self, examples: Examples, task: Task) -> None:
        """Let the experts take these examples into what they remember."""
        for expert in self.experts.values():
            expert.remember(examples, _late_truth(examples, task))

    def held(self, examples: Examples) -> Held:
        """What the experts hold of these examples, known before."""
        return held(self.experts, examples, self.assembled.outcome.labels)

    def decided(self, frame: pd.DataFrame, examples: Examples) -> pd.DataFrame:
        """The decisions on a frame of predictions, with their reasons."""
        labels = self.assembled.outcome.labels
        found = self._explained(decided(self.policy, frame, labels, self.held(examples)), examples)
        empty = self._without(examples)
        if not len(empty):
            return found
        reasons = found["reason"].to_numpy(object).copy()
        reasons[empty] = f"the {self.lowest_without} is empty"
        return found.assign(reason=reasons)

    def remarked(self, examples: Examples) -> dict[str, list[str]]:
        """Further columns of a table of predictions."""
        if self.remarks is None:
            return {}
        found = self.remarks.remark(examples, self.encode)
        return {name: list(found[name]) for name in self.remarks.columns}

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Features [n, D] of texts by the run's encoder as it is now; nothing of them is kept."""
        backbone = next(iter(self.assembled.backbones.values()))
        backbone.module.to(self.assembled.device)
        items = backbone.items(list(texts))
        return pooled_features(backbone, items, np.arange(len(texts)), self.assembled.device, SILENT)

    def _without(self, examples: Examples) -> Indices:
        """Positions of examples in which the input is empty without which there is nothing to judge."""
        name = self.lowest_without
        if not name or name not in examples.table.column_names:
            return np.empty(0, np.int64)
        return np.flatnonzero([not (value or "").strip() for value in examples.column(name)])

    def _explained(self, decisions: pd.DataFrame, examples: Examples) -> pd.DataFrame:
        """The decisions, their reasons completed by what in the row spoke for the last of the labels."""
        if self.usual is None or not self.policy.explains:
            return decisions
        rows = np.flatnonzero(decisions["decision"].isin(self.policy.explains).to_numpy())

        def score(asked: Examples) -> NDArray[np.float64]:
            return self.answers(self.raw(asked), asked)[:, -1]

        reasons = decisions["reason"].to_numpy(object).copy()
        for at, said in zip(rows, self.usual.reasons(examples.take(rows), score), strict=True):
            reasons[at] = f"{reasons[at]}; {said}" if said else reasons[at]
        return decisions.assign(reason=reasons)

    def raw(self, examples: Examples, progress: Progress = SILENT) -> NDArray[np.float64]:
        """Raw outputs [N, K] of the model; what long values lose is told."""
        assembled = self.assembled
        if not len(examples):
            return np.empty((0, max(1, len(assembled.outcome.labels))))
        everything = np.arange(len(examples), dtype=np.int64)
        target = next(iter(assembled.model.heads))
        inputs = self.inputs(examples, progress)
        return raw_outputs(assembled.model, inputs, everything, target, assembled.device, progress)

    @property
    def locates(self) -> bool:
        """Whether the head tells where in an example it found what it answers."""
        return isinstance(self.assembled.head, LocatingHead)

    def located(
        self, examples: Examples, progress: Progress = SILENT
    ) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
        """Raw outputs [N, K], and maps [N, h, w] of a head that tells where."""
        assembled = self.assembled
        if not len(examples):
            return self.raw(examples), np.empty((0, 1, 1), np.float32)
        everything = np.arange(len(examples), dtype=np.int64)
        target = next(iter(assembled.model.heads))
        inputs = self.inputs(examples, progress)
        return located_outputs(assembled.model, inputs, everything, target, assembled.device, progress)

    def inputs(self, examples: Examples, progress: Progress = SILENT) -> Mapping[str, Items]:
        """Examples as the model takes them, binding by binding; what long values lose is told."""
        assembled = self.assembled
        inputs: dict[str, Items] = {}
        for name, owner in assembled.bindings.items():
            inputs[name] = assembled.backbones[owner].items(bound_values(assembled, examples, name))
            for line in lengths_of(inputs[name]).notes(name):
                progress.line(line)
        return with_beside(assembled, inputs, examples)

    def alone(self, raw: NDArray[np.float64]) -> NDArray[np.float64]:
        """Calibrated answers [N, A] of the model alone."""
        return self.assembled.outcome.answers(self.assembled.head, self.calibration.apply(raw))

    def blended(self, raw: NDArray[np.float64], examples: Examples) -> NDArray[np.float64]:
        """Answers [N, A] of the model, blended where the recipe says so, with how far off they may be, whatever experts
        hold."""
        found = self.alone(raw)
        if self.blend is not None:
            found = self.blend.apply(found, examples, self.assembled.outcome)
        return found if self.certainty is None else self.certainty.apply(found)

    def answers(self, raw: NDArray[np.float64], examples: Examples) -> NDArray[np.float64]:
        """Answers [N, A] of the model, blended where the recipe says so, within the bounds of the experts; the lowest
        where an input is empty without which there is nothing to judge."""
        found = constrained(self.blended(raw, examples), self.held(examples).constraint)
        empty = self._without(examples)
        if len(empty):
            found = np.array(found)
            found[empty] = self.assembled.outcome.lowest()
        return found


def _late_truth(examples: Examples, task: Task) -> NDArray[np.object_] | None:
    name = task.target.name
    if task.target.ahead:
        return None
    return examples.values(name) if name in examples.table.column_names else None


def build_policy(recipe: Recipe, registry: Registry) -> Policy:
    """The recipe's policy, unfitted."""
    policy: Policy = registry.get("policies", recipe.policy.name).resolve()(**recipe.policy.options)
    return policy


def build_baselines(task: Task, recipe: Recipe, registry: Registry, outcome: Outcome) -> dict[str, Baseline]:
    """The recipe's baselines, or else the protocol's, and its shortcut check; unfitted."""
    names = task.protocol.baselines if recipe.baselines is None else recipe.baselines
    asked = dict.fromkeys((*names, *filter(None, [task.protocol.shortcut])))
    return {name: build_baseline(name, task, recipe, registry, outcome) for name in asked}


def build_baseline(name: str, task: Task, recipe: Recipe, registry: Registry, outcome: Outcome) -> Baseline:
    """One baseline, unfitted; one that asks for all `columns` of the task gets them."""
    component = registry.get("baselines", name)
    more = {"columns": task.columns} if "columns" in options_of(component).known else {}
    factory = component.resolve()
    return outcome.baseline(lambda: factory(inputs=task.inputs, seed=recipe.seed, **more))


def save_parts(parts: ModelParts, folder: Path) -> None:
    """Write model/ of a run: nothing in it runs code when it is read."""
    from safetensors.torch import save_file

    folder.mkdir(exist_ok=True)
    for name, weights in parts.assembled.pretrained.items():
        (folder / name).mkdir(exist_ok=True)
        save_file({key: value.contiguous() for key, value in weights.items()}, folder / name / PRETRAINED)
    for name, backbone in parts.assembled.backbones.items():
        if parts.assembled.steps:
            save_steps(parts.assembled.steps, backbone, folder / name)
        else:
            parts.assembled.strategy.save(backbone, folder / name)
        if isinstance(backbone, LearnedBackbone):
            save_fitted(folder / name, LEARNT, backbone)
    if parts.assembled.beside is not None:
        save_fitted(folder / BESIDE, LEARNT, parts.assembled.beside)
    heads = parts.assembled.model.heads.state_dict()
    save_file({name: value.cpu().contiguous() for name, value in heads.items()}, folder / HEAD)
    if isinstance(parts.assembled.head, FittedHead):
        save_fitted(folder, FITTED_HEAD, parts.assembled.head)
    save_fitted(folder, "calibration", parts.calibration)
    save_fitted(folder, "policy", parts.policy)
    if parts.certainty is not None:
        save_fitted(folder, CERTAINTY, parts.certainty)
    if parts.blend is not None:
        save_fitted(folder / BLEND, "weights", parts.blend.pool)
        save_fitted(folder / BLEND, parts.blend.name, parts.blend.baseline)
    for name, baseline in parts.baselines.items():
        if parts.blend is None or baseline is not parts.blend.baseline:
            save_fitted(folder / "baselines", name, baseline)
    for name, expert in parts.experts.items():
        save_fitted(folder / EXPERTS, name, expert)
    if parts.remarks is not None:
        save_fitted(folder, REMARKS, parts.remarks)
    if parts.usual is not None:
        save_fitted(folder, USUAL, parts.usual)
    save_fitted(folder, LEARNT_FROM, parts.learnt_from)


def load_parts(run: Run, before: Callable[[str, Backbone], None] | None = None) -> ModelParts:
    """Read model/ of a run; VertikitError where it is damaged or the encoder here is another one.

    `before` is shown each encoder by name as training found it, before the strategy touched it.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    folder = run.folder / "model"
    task = task_of_examples(run.task, run.recipe.reshape, run.channels)
    had = {*run.columns, *(name for each in run.channels.items() for name in channel_names(*each))}
    had |= set(made_columns(task))
    experts = build_experts(task, run.recipe, run.registry, had, folder=folder / EXPERTS)
    task = task.with_columns(added_columns(experts))
    present = {*had, *(column.name for column in added_columns(experts))}
    steps = build_steps(run.recipe.compress.steps, run.registry)

    def start(name: str, backbone: Backbone) -> None:
        if steps:
            restore_steps(steps, backbone, folder / name)
        elif run.recipe.start.run is not None and not run.recipe.pretrain.epochs:
            load_pretrained(folder / name / PRETRAINED, backbone)
        if before is not None:
            before(name, backbone)

    assembled = assemble(
        task,
        run.recipe,
        run.outcome,
        run.registry,
        present,
        learn=lambda name, backbone, _: load_fitted(folder / name, LEARNT, backbone),
        pretrain=lambda name, backbone: load_pretrained(folder / name / PRETRAINED, backbone),
        start=start,
    )
    assembled.steps = tuple(steps)
    for name, backbone in assembled.backbones.items():
        try:
            expected = str(run.manifest["backbones"][name]["sha256"])
        except (KeyError, TypeError) as error:
            raise VertikitError(
                f"{run.folder}/task.json: is damaged at 'backbones'.", "Copy the run again, or train again."
            ) from error
        if backbone.info.sha256 != expected:
            raise VertikitError(
                f"{run.folder}: was trained on {backbone.info.name!r} with sha256 {expected[:12]}…, and the "
                f"one here has {backbone.info.sha256[:12]}….",
                "Install the same weights, or train again.",
            )
        if not steps:
            assembled.strategy.load(backbone, folder / name)
    try:
        assembled.model.heads.load_state_dict(load_file(folder / HEAD))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise VertikitError(
            f"{folder / HEAD}: cannot be read: {str(error).splitlines()[0]}.",
            "Copy the run again, or train again.",
        ) from error
    if isinstance(assembled.head, FittedHead):
        load_fitted(folder, FITTED_HEAD, assembled.head)
    assembled.model.to(assembled.device).eval()
    parts = ModelParts(
        assembled,
        run.outcome.calibration(),
        build_policy(run.recipe, run.registry),
        build_baselines(task, run.recipe, run.registry, run.outcome),
        certainty=run.outcome.certainty(),
        experts=experts,
        lowest_without=task.lowest_without,
    )
    load_fitted(folder, "calibration", parts.calibration)
    load_fitted(folder, "policy", parts.policy)
    if parts.certainty is not None:
        load_fitted(folder, CERTAINTY, parts.certainty)
    load_fitted(folder, LEARNT_FROM, parts.learnt_from)
    if (folder / f"{REMARKS}.json").exists():
        parts.remarks = build_remarks(task, sorted(present))
        if parts.remarks is not None:
            load_fitted(folder, REMARKS, parts.remarks)
    if (folder / f"{USUAL}.json").exists():
        parts.usual = Usual()
        load_fitted(folder, USUAL, parts.usual)
    blended = run.recipe.blend
    if blended is not None:
        beside = parts.baselines.get(blended) or build_baseline(
            blended, task, run.recipe, run.registry, run.outcome
        )
        parts.blend = Blend(blended, beside, run.outcome.pool())
        load_fitted(folder / BLEND, "weights", parts.blend.pool)
        load_fitted(folder / BLEND, blended, beside)
    for name, baseline in parts.baselines.items():
        if parts.blend is None or baseline is not parts.blend.baseline:
            load_fitted(folder / "baselines", name, baseline)
    return parts
