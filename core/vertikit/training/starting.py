"""A finished run's encoder as the start of another training, of any task: whether it may be, and its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.pretraining import remember
from vertikit.errors import UsageError
from vertikit.fitted_store import load_fitted
from vertikit.run.merged import merged_weights
from vertikit.run.model_parts import LEARNT
from vertikit.run.run import Run, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from vertikit.columns import Column
    from vertikit.contracts import Backbone, LearnedBackbone
    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task

OTHER = "Name a run of the same backbone with --set start.run=RUN, or take that run's backbone here."


@dataclass(frozen=True)
class Starting:
    """The run that is started from. `owner` is the name of its one encoder, `weights` are its whole state, with what
    its strategy trained."""

    run: Run
    owner: str
    weights: Mapping[str, Tensor]

    def learn(self, backbone: LearnedBackbone, columns: tuple[Column, ...]) -> None:
        """Scales and categories as the run has them, since its weights go with these; UsageError for other columns."""
        own = self.run.parts.assembled.tables.get(self.owner, ())
        here, there = ({(column.name, column.type_name) for column in each} for each in (columns, own))
        if here != there:
            odd = ", ".join(sorted({name for name, _ in here ^ there})[:5])
            raise UsageError(
                f"start.run: {self.run.folder.name} reads other columns than this data has ({odd}).",
                "Name a run on the same columns, or make them the same: --drop COLUMN, --map ROLE=COLUMN, --type.",
            )
        load_fitted(self.run.folder / "model" / self.owner, LEARNT, backbone)

    def begin(self, backbone: Backbone) -> None:
        """Give the encoder the run's weights; UsageError where they do not fit."""
        told = self.run.manifest["backbones"][self.owner]
        if (told.get("sha256"), told.get("modality")) != (backbone.info.sha256, backbone.info.modality) or (
            not backbone.info.sha256 and told.get("name") != backbone.info.name
        ):
            raise UsageError(
                f"start.run: {self.run.folder.name} has the encoder {told.get('name')!r}, and this is "
                f"{backbone.info.name!r}"
                + (" with other weights." if told.get("name") == backbone.info.name else "."),
                OTHER,
            )
        try:
            backbone.module.load_state_dict(dict(self.weights))
        except RuntimeError as error:
            raise UsageError(
                f"start.run: the encoder of {self.run.folder.name} has another shape than {backbone.info.name!r} with "
                "these options.",
                "Give backbone the options that the run has: its recipe.yaml lists them.",
            ) from error
        remember(backbone)


def starting(data: Prepared, recipe: Recipe, known: Registry, progress: Progress) -> Starting | None:
    """The run that a recipe starts from, where it names one.

    UsageError where it cannot be started from, or has learnt from rows that this run is to be judged on.
    """
    if recipe.start.run is None:
        return None
    if recipe.compress.run is not None:
        raise UsageError(
            "start.run and compress.run are two runs to take the encoder from.", "Leave one of them out."
        )
    run = load(recipe.start.run, known)
    if run.recipe.compress.run is not None:
        raise UsageError(
            f"start.run: {run.folder} is a smaller form of another run, and its encoder is no longer what "
            f"{run.recipe.backbone.name!r} builds.",
            f"Start from that one: {run.recipe.compress.run}",
        )
    owners = list(run.manifest["backbones"])
    if len(owners) != 1:
        raise UsageError(f"start.run: {run.folder} has {len(owners)} encoders.", "Name a run that has one.")
    _check_unseen(run, data, recipe, progress)
    progress.line(f"starting from the encoder of {run.folder.name}, a run of {run.manifest['task']}")
    return Starting(run, owners[0], merged_weights(run)[owners[0]])


def _check_unseen(run: Run, data: Prepared, recipe: Recipe, progress: Progress) -> None:
    """UsageError where the run has learnt from test rows; a warning where it has from validation rows."""
    tested = np.unique(np.concatenate(list(data.folds[0].tests.values())))
    if count := seen_rows(run, data.task, data.examples.take(tested)):
        words = f"{run.folder.name} has learnt from {count:,} of the {len(tested):,} test rows"
        if not recipe.allow_leaks:
            raise UsageError(
                f"start.run: {words}, or from others of their groups.",
                "Give the data that it was trained on, with its seed and its split; or other rows with --test.",
            )
        progress.line(f"warning: {words}; the figures are better than the model")
    if told := seen_in_validation(run, data):
        progress.line(f"warning: {told}")


def seen_in_validation(run: Run, data: Prepared) -> str:
    """What to say where a run has learnt from validation rows of the data; "" where it has not."""
    fold = data.folds[0]
    judging = np.union1d(fold.valid, fold.calibrate)
    count = seen_rows(run, data.task, data.examples.take(judging))
    if not count:
        return ""
    return (
        f"{run.folder.name}, whose encoder was started from, has learnt from {count:,} of the {len(judging):,} "
        "validation rows: epochs, calibration and thresholds are chosen by rows that it knows"
    )


def seen_rows(run: Run, task: Task, examples: Examples) -> int:
    """How many of the examples of a task the run has learnt from.

    Rows are known by their texts, or by id and time; of a run of the same task, groups are too. Groups of another task
    are other people's names for other things.
    """
    same = run.manifest["task"] == task.name
    return len(run.parts.learnt_from.seen(task, examples, groups=same))
