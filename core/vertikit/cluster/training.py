"""One training by workers of a Ray cluster: Ray Train starts them, and each takes its share of every batch."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.cluster.starting import cluster
from vertikit.errors import UsageError, VertikitError
from vertikit.prepare.prepared import Sources
from vertikit.run.folder import default_output

if TYPE_CHECKING:
    from vertikit.run.run import Run

FAILED = "failed.json"


def train_on_cluster(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    output: Path | None,
    resume: bool,
    show_values: bool,
    workers: int | None,
    address: str | None,
) -> Run:
    """The run that `vertikit.training.train_command` makes, trained by `workers` (2 by default) processes; rows and
    output lie where each of them finds them by the same name."""
    from vertikit.run.run import load

    count = workers or 2
    output = (output or default_output(task_name)).resolve()
    with tempfile.TemporaryDirectory(prefix="vertikit-ray-") as folder, cluster(count + 1, address):
        from ray.train import RunConfig, ScalingConfig
        from ray.train.torch import TorchConfig, TorchTrainer

        asked = {
            "place": str(Path.cwd()),
            "failed": str(Path(folder) / FAILED),
            "command": (task_name, sources, layers, output, resume, show_values),
        }
        trainer = TorchTrainer(
            _worker,
            train_loop_config=asked,
            torch_config=TorchConfig(backend="gloo"),
            scaling_config=ScalingConfig(num_workers=count, use_gpu=False),
            run_config=RunConfig(storage_path=folder, name="train"),
        )
        try:
            trainer.fit()
        except Exception as error:
            raise _told(Path(folder) / FAILED, error) from error
    return load(output)


def _worker(asked: Mapping[str, Any]) -> None:
    """What runs in each process; an error of the kit is left in a file, since Ray tells it in its own words."""
    from vertikit.adapt import ranks
    from vertikit.training import train_command

    os.chdir(asked["place"])
    try:
        train_command(*asked["command"])
    except VertikitError as error:
        if ranks.is_first():
            told = {"what": error.what, "do": error.do, "status": error.status}
            Path(asked["failed"]).write_text(json.dumps(told), encoding="utf-8")
        raise


def _told(path: Path, error: Exception) -> VertikitError:
    if not path.exists():
        return VertikitError(
            f"a worker was lost in training ({type(error).__name__}).",
            "The same command with --resume and --output goes on after the last epoch.",
        )
    told = json.loads(path.read_text(encoding="utf-8"))
    kind = UsageError if told["status"] == UsageError.status else VertikitError
    return kind(told["what"], told["do"])
