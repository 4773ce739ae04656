"""Trainings of Vertikit in MLflow: the hooks of a run's life, and the verb `vertikit tracked`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from vertikit import Run, hookimpl
from vertikit.hookspecs import Register

if TYPE_CHECKING:
    from mlflow import MlflowClient

vertikit_api = "1.1"

STORE = "sqlite:///mlflow.db"
LONGEST = 500
"""Characters of a parameter that every store takes."""

_open: dict[str, str] = {}
"""The folder of a training -> the id of its run in MLflow. Folders are renamed at the end, so without `.partial`."""


def client() -> MlflowClient:
    """Of the store that MLFLOW_TRACKING_URI names, or of a file here."""
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=os.environ.get("MLFLOW_TRACKING_URI", STORE))


def key(run: Run) -> str:
    return str(run.folder.resolve()).removesuffix(".partial")


@hookimpl
def run_started(run: Run) -> None:
    store = client()
    experiment = store.get_experiment_by_name(run.task.name)
    place = experiment.experiment_id if experiment else store.create_experiment(run.task.name)
    tracked = store.create_run(place, run_name=key(run).rpartition("/")[2])
    _open[key(run)] = tracked.info.run_id
    for name, value in flat(run.recipe.model_dump(mode="json")):
        store.log_param(tracked.info.run_id, name, str(value)[:LONGEST])


@hookimpl
def epoch_ended(run: Run, epoch: int, logs: Mapping[str, float]) -> None:
    tracked = _open.get(key(run))
    if tracked is None:  # the store could not be had at the start, which was said there
        return
    store = client()
    for name, value in logs.items():
        if name != "epoch":
            store.log_metric(tracked, name, float(value), step=epoch)


@hookimpl
def run_finished(run: Run) -> None:
    tracked = _open.pop(key(run), None)
    if tracked is None:
        return
    store = client()
    for part in ("test", "valid"):
        for name, found in run.metrics.get(part, {}).items():
            if isinstance(found, Mapping) and isinstance(found.get("value"), int | float):
                store.log_metric(tracked, f"{part}.{name}", float(found["value"]))
                for end, value in zip(("low", "high"), found.get("ci95") or (), strict=False):
                    store.log_metric(tracked, f"{part}.{name}.{end}", float(value))
    store.set_tag(tracked, "verdict", run.verdict)
    store.set_tag(tracked, "folder", str(run.folder))
    store.log_artifact(tracked, str(run.folder / "report.html"))
    store.set_terminated(tracked)


@hookimpl
def run_failed(run: Run, error: BaseException) -> None:
    tracked = _open.pop(key(run), None)
    if tracked is not None:
        store = client()
        store.set_tag(tracked, "error", str(error)[:LONGEST])
        store.set_terminated(tracked, "KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")


@hookimpl
def register_commands(register: Register) -> None:
    register("tracked", "vertikit_mlflow:tracked", summary="List the latest trainings in MLflow.")


@click.command()
@click.option("--latest", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many.")
def tracked(latest: int) -> None:
    """List the latest trainings in MLflow, newest first: how they ended, and the verdict or the error."""
    store = client()
    places = [each.experiment_id for each in store.search_experiments()]
    for each in store.search_runs(places, order_by=["attributes.start_time DESC"], max_results=latest):
        said = each.data.tags.get("verdict") or each.data.tags.get("error", "")
        click.echo(f"{each.info.status:9} {each.info.run_name}  {said}")


def flat(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a tree, named by the path to each."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield above + name, value
