"""The verb `train --repeat`: a run for each fold and seed, and what they come to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError
from vertikit.progress import Progress
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry
from vertikit.run.folder import default_output, partial_of, write_json
from vertikit.run.resuming import start_record
from vertikit.run.run import load

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Sources

SUMMARY, PAGE, RECORD = "summary.json", "repeat.html", "repeat.json"
MOST = 100
_SHAPE = re.compile(r"(\d+)(?:x(\d+))?")


def read_shape(text: str) -> tuple[int, int]:
    """(folds, seeds) of "5" or "5x3"; UsageError where it is neither."""
    matched = _SHAPE.fullmatch(text.strip())
    folds, seeds = (int(matched[1]), int(matched[2] or 1)) if matched else (0, 0)
    if folds < 2 or seeds < 1 or folds * seeds > MOST:
        raise UsageError(
            f"--repeat: {text!r} is no number of folds, or of folds and seeds.",
            "Write 5, or 5x3 for three seeds.",
        )
    return folds, seeds


def repeat(
    task: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    shape: str,
    output: Path | None,
    resume: bool,
    show_values: bool,
) -> tuple[Path, dict[str, Any]]:
    """Train once for each fold and seed; the folder with the runs, and the content of its summary.json.

    Every row is a test once for each seed. Runs that are finished are not trained again with `resume`; UsageError where
    the folder exists without it, or the parts are the user's own or in time.
    """
    from vertikit.repeat.page import page
    from vertikit.repeat.summing import Turn, summary
    from vertikit.training import run_training

    folds, seeds = read_shape(shape)
    if sources.valid or sources.tests:
        raise UsageError(
            "--repeat makes the parts itself, and --valid or --test name some.", "Leave one of them out."
        )
    known = registry()
    recipe = resolve_recipe(known.task(task), known, layers=layers)
    record = {"record": start_record(task, sources, recipe)["sha256"], "folds": folds, "seeds": seeds}
    folder = output or (_begun(record) if resume else None) or default_output(task)
    if folder.exists() and not resume:
        raise UsageError(f"{folder}: exists already.", "Go on with --resume, or choose another --output.")
    kept = folder / RECORD
    if kept.exists() and json.loads(kept.read_text(encoding="utf-8")) != record:
        raise UsageError(
            f"{folder}: holds folds of other data, another recipe or another number of them.",
            "Choose another --output, or give the command that made it.",
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_json(kept, record)
    dealt = recipe.seed if recipe.split.seed is None else recipe.split.seed
    progress, turns = Progress(), []
    for seed in range(recipe.seed, recipe.seed + seeds):
        for fold in range(1, folds + 1):
            place = folder / f"fold-{fold}-seed-{seed}"
            if not place.exists():
                progress.line(f"fold {fold} of {folds}, seed {seed}")
                # Every seed trains on the same folds, so that what it changes can be told from what they do.
                own = [*layers, {"seed": seed, "split": {"fold": f"{fold}/{folds}", "seed": dealt}}]
                going_on = resume and partial_of(place).exists()
                try:
                    run_training(task, sources, own, place, going_on, show_values, progress)
                except Exception:
                    if [each.name for each in folder.iterdir()] == [RECORD]:
                        kept.unlink()
                        folder.rmdir()
                    raise
            turns.append(Turn(load(place), fold, seed))
    found = summary(turns)
    write_json(folder / SUMMARY, found)
    (folder / PAGE).write_text(page(folder.name, found), encoding="utf-8")
    return folder, found


def _begun(record: Mapping[str, Any]) -> Path | None:
    """The newest folder under ./runs that this very command has begun."""
    found = sorted(Path("runs").glob(f"*/{RECORD}"), key=lambda path: path.stat().st_mtime)
    same = [path.parent for path in found if json.loads(path.read_text(encoding="utf-8")) == record]
    return same[-1] if same else None
