"""A finished training: its numbers, and its model put to use."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError, VertikitError
from vertikit.outcome import Outcome, outcome_of
from vertikit.prepare.further import TYPES
from vertikit.recipe import Recipe, resolve_recipe
from vertikit.recipe.layers import load_recipe_file
from vertikit.registry import Registry, registry
from vertikit.run.folder import read_manifest
from vertikit.task import Task

if TYPE_CHECKING:
    import pandas as pd
    from torch import nn

    from vertikit.prepare.prepared import Data
    from vertikit.run.model_parts import ModelParts
    from vertikit.watch.watching import Watched


_HELD = {"task": str, "labels": list, "columns": dict, "backbones": dict}
_READ = {"metrics.json", "recipe.yaml", "model/head.safetensors"}
"""What task.json must say, and whose sha256 it must hold."""
_AGAIN = "Copy the run again, or train again."
LIBRARIES = ("torch", "transformers", "peft", "scikit-learn", "numpy", "pandas")
"""Whose versions a run keeps beside those of the plugins."""


class Run:
    """A run folder. Numbers are read at once, the model at first use.

    Args:
        folder: the run's folder; `load` checks it.
        manifest: the content of its task.json.
    """

    def __init__(self, folder: Path, manifest: Mapping[str, Any], known: Registry | None = None) -> None:
        self.folder = folder
        self.manifest = manifest
        self._registry = known or registry()

    @classmethod
    def unfinished(cls, folder: Path, task: Task, recipe: Recipe, known: Registry) -> Run:
        """One that is being trained: folder, task and recipe are there, and nothing else yet."""
        run = cls(folder, {"task": task.name}, known)
        run.task, run.recipe = task, recipe
        return run

    @cached_property
    def task(self) -> Task:
        """The task that the run was trained for, with the further columns that its data had.

        VertikitError where no plugin here offers it.
        """
        try:
            task = self._registry.task(self.manifest["task"])
        except UsageError as error:
            raise self._needs(error) from error
        further: Mapping[str, str] = self.manifest.get("further") or {}
        outcome = self.outcome
        task = task.for_outcome(outcome.kind)
        if outcome.scale is not None and task.target.ordered:
            # What lies beyond the scale that training found is no grade of it.
            scale = outcome.scale
            task = task.scaled(scale.minimum, scale.maximum, scale.step if scale.stated else None)
        try:
            return task.with_columns(TYPES[kind](name, required=False) for name, kind in further.items())
        except (KeyError, AttributeError, ValueError) as error:
            raise VertikitError(f"{self.folder}/task.json: is damaged at 'further'.", _AGAIN) from error

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes, in the order of the model's outputs; none where the target is a number."""
        return tuple(self.manifest["labels"])

    @cached_property
    def outcome(self) -> Outcome:
        """What an answer is: one of the classes, or a number on a scale."""
        try:
            return outcome_of(self.manifest)
        except (KeyError, TypeError, ValueError) as error:
            raise VertikitError(f"{self.folder}/task.json: is damaged at 'outcome'.", _AGAIN) from error

    @property
    def columns(self) -> dict[str, str]:
        """The task's column name -> the column of the training file."""
        return dict(self.manifest["columns"])

    @property
    def channels(self) -> dict[str, int]:
        """A column of recordings -> how many channels those of the training had."""
        return {str(name): int(count) for name, count in (self.manifest.get("channels") or {}).items()}

    @cached_property
    def metrics(self) -> dict[str, Any]:
        """The content of metrics.json."""
        content: dict[str, Any] = json.loads((self.folder / "metrics.json").read_text(encoding="utf-8"))
        return content

    @property
    def verdict(self) -> str:
        """What the evaluation comes to, in one sentence."""
        return str(self.metrics["verdict"])

    @cached_property
    def recipe(self) -> Recipe:
        """The resolved recipe; VertikitError where it names what no plugin here offers."""
        layer = load_recipe_file(self.folder / "recipe.yaml")
        try:
            return resolve_recipe(self.task, self._registry, layers=[layer])
        except UsageError as error:
            raise self._needs(error) from error

    @cached_property
    def parts(self) -> ModelParts:
        """Model, calibration, policy and baselines, read from the folder."""
        from vertikit.run.model_parts import load_parts

        return load_parts(self)

    @property
    def registry(self) -> Registry:
        """The plugins that the run is used with."""
        return self._registry

    @property
    def model(self) -> nn.Module:
        """The trained module: `model(columns) -> {target: raw outputs}`; see `vertikit.adapt.model.Model`."""
        return self.parts.assembled.model

    def predict(
        self,
        rows: Data,
        *,
        map: Mapping[str, str] | None = None,
        drop: str | Sequence[str] = (),
        root: str | Path = "",
        state: str | Path | None = None,
    ) -> pd.DataFrame:
        """Predictions for a path, a DataFrame, a list of dicts, or a list of texts: a line per row, in order.

        Columns as in predictions.parquet; a row that cannot be used has its reason under `error`. With `state`, what
        the run remembers of the past goes on in that file.
        """
        from vertikit.deploy.predicting import predict

        path = None if state is None else Path(state)
        return predict(self, rows, mapping=map or {}, drop=_names(drop), root=str(root), state=path)

    def evaluate(
        self,
        data: Data,
        *,
        output: str | Path | None = None,
        map: Mapping[str, str] | None = None,
        drop: str | Sequence[str] = (),
        root: str | Path = "",
        show_values: bool = False,
        allow_leaks: bool = False,
    ) -> dict[str, Any]:
        """Judge the model and its baselines on labelled rows that it has not seen: the keys of metrics.json.

        Rows that it has learnt from are left out, and so are others of their group (patient), unless `allow_leaks`.

        With `output`, a folder with metrics.json, predictions.parquet, quarantine.csv and report.html
        is made.
        """
        from vertikit.deploy.evaluating import evaluate

        return evaluate(
            self,
            data,
            output=None if output is None else Path(output),
            mapping=map or {},
            drop=_names(drop),
            root=str(root),
            show_values=show_values,
            allow_leaks=allow_leaks,
        )

    def watch(
        self,
        data: Data,
        *,
        map: Mapping[str, str] | None = None,
        drop: str | Sequence[str] = (),
        root: str | Path = "",
        since: str = "",
        alpha: float = 0.05,
        psi: float = 0.1,
        rows: int = 100_000,
    ) -> Watched:
        """Compare new rows with those of the training: inputs, answers, and quality where labels have arrived.

        `.alarms` says whether anything has moved, `.moved`, `.risen` and `.quality` what; the arguments are those of
        `vertikit watch`.
        """
        from vertikit.watch.watching import watch

        return watch(
            self,
            data,
            mapping=map or {},
            drop=_names(drop),
            root=str(root),
            since=since,
            alpha=alpha,
            least=psi,
            rows=rows,
        )

    def _needs(self, error: UsageError) -> VertikitError:
        """The error in the words of someone who has a run and lacks a plugin."""
        made_with: Mapping[str, str] = self.manifest.get("versions") or {}
        here = {plugin.distribution for plugin in self._registry.plugins if plugin.state == "ok"}
        lost = [
            f"{name} {version}"
            for name, version in made_with.items()
            if name not in {*here, "python", *LIBRARIES}
        ]
        do = f"It was made with {', '.join(lost)}: install that." if lost else str(error.do or "")
        return VertikitError(
            f"{self.folder}: cannot be used here: {error.what}",
            do or "See `vertikit plugins list`.",
            details=error.details,
        )

    def __repr__(self) -> str:
        return f"Run({str(self.folder)!r}, task={self.manifest['task']!r})"


def load(folder: str | Path, known: Registry | None = None) -> Run:
    """The run in a folder, checked for damage; VertikitError in one line where it cannot be used."""
    path = Path(folder)
    manifest = read_manifest(path)
    if "evaluation_of" in manifest:
        raise UsageError(
            f"{path}: is an evaluation of the run {manifest['evaluation_of']}, and holds no model.",
            "Name the run itself.",
        )
    for key, kind in _HELD.items():
        if not isinstance(manifest.get(key), kind):
            wrong = "is damaged at" if key in manifest else "has no"
            raise VertikitError(f"{path}/task.json: {wrong} {key!r}.", _AGAIN)
    unlisted = sorted(_READ - set(manifest["files"]))
    if unlisted:
        raise VertikitError(
            f"{path}/task.json: does not list {unlisted[0]}, so damage to it cannot be seen.", _AGAIN
        )
    return Run(path, manifest, known)


def _names(drop: str | Sequence[str]) -> tuple[str, ...]:
    """One name is a sequence of letters to Python, and is meant as one name."""
    return (drop,) if isinstance(drop, str) else tuple(drop)
