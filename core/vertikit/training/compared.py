"""A smaller run beside the one that it was made of: how good both are on the same test rows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.deploy.measured import measured_apart
from vertikit.evaluate.comparing import paired_difference
from vertikit.evaluate.frame import with_columns
from vertikit.run.folder import WORK, seal
from vertikit.run.run import load
from vertikit.training.adapting import Adapted, main_test
from vertikit.training.anew import measured
from vertikit.training.judging import Evaluated
from vertikit.training.teaching import teacher_answers

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Prepared, Sources
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry


def compare_smaller(
    data: Prepared, recipe: Recipe, known: Registry, adapted: Adapted, judged: Evaluated
) -> dict[str, Any]:
    """The key "compression" of metrics.json, but for what it takes to run them: both on the same test rows, whole
    answers, and the paired difference."""
    assert recipe.compress.run is not None
    run = load(recipe.compress.run, known)
    test = data.examples.take(main_test(data.folds[0], data.task))
    answers = teacher_answers(run, test)
    standard, primary = judged.standard, judged.standard.primary
    truth = standard.outcome.truth(test, data.task.target.name)
    before = with_columns(standard.outcome.frame(answers, truth), test, standard.columns)
    metric = standard.metrics[primary]
    found: dict[str, Any] = {
        "run": run.folder.name,
        "steps": [{"name": step.name, "told": step.told} for step in adapted.assembled.steps],
        "trained": not adapted.assembled.frozen,
        "parameters": {
            "before": run.metrics.get("cost", {}).get("parameters"),
            "after": adapted.parameters[0],
        },
        "before": {"test": measured(answers, test, data, standard)},
        "after": {"test": dict(judged.metrics["test"])},
    }
    if metric.learn is None:
        found["difference"] = paired_difference(
            judged.frame, before, metric, standard.context, test.group, standard.resamples, standard.seed
        )
    return found


def measure_both(
    compression: dict[str, Any],
    before: Path,
    partial: Path,
    manifest: Mapping[str, Any],
    sources: Sources,
    progress: Progress,
) -> None:
    """Add what both take to run, each in a process of its own, and what that comes to. What cannot be measured is said
    under "unmeasured"."""
    whole = partial / WORK / "measured"
    made = whole.with_name("measured.made")
    made.mkdir()
    for name in ("metrics.json", "recipe.yaml"):
        shutil.copyfile(partial / name, made / name)
    shutil.copytree(partial / "model", made / "model")
    seal(made, whole, manifest)
    for side, folder in (("before", before), ("after", whole)):
        progress.line(f"measuring the run {side} it was made smaller, in a process of its own")
        found = measured_apart(folder, sources)
        if isinstance(found, str):
            compression.setdefault("unmeasured", {})[side] = found
            progress.line(f"warning: it could not be measured: {found}")
        else:
            compression[side] |= {**asdict(found), "bytes": found.weight_bytes}
    compression["told"] = told(compression)
    shutil.rmtree(whole)


def told(compression: Mapping[str, Any]) -> list[str]:
    """What the measurements come to, in sentences."""
    before, after = (compression.get(side) or {} for side in ("before", "after"))
    said = []
    if before.get("bytes") and after.get("bytes"):
        smaller = before["bytes"] / after["bytes"]
        said.append(
            f"Its weights are {smaller:.1f} times smaller."
            if smaller > 1.02
            else "Its weights are no smaller."
        )
    if before.get("p50") and after.get("p50"):
        faster = before["p50"] / after["p50"]
        many = after["rows_per_second"] / before["rows_per_second"]
        if faster >= 1.05 or many >= 1.05:
            said.append(f"One row is answered {faster:.1f} times as fast, many rows {many:.1f} times.")
        else:
            said.append(
                f"It answers no faster here ({after['p50']:.2f} ms a row against {before['p50']:.2f}): what was taken "
                "away cost no time on this machine."
            )
    return said
