"""A finished run judged on labelled rows that it has not seen, beside the baselines it was trained with."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.languages import foreign_texts
from vertikit.contracts import BadRow
from vertikit.deploy.predicting import read_examples
from vertikit.errors import VertikitError
from vertikit.evaluate.judging import Standard, judge
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.evaluate.probing import probe, warnings_of_probes
from vertikit.evaluate.shortcuts import warnings_of_shortcut
from vertikit.prepare.quarantine import count_reasons, write_quarantine
from vertikit.prepare.reading import Rows
from vertikit.progress import SILENT, Progress
from vertikit.run.folder import seal, start_folder, write_json
from vertikit.run.looking import look
from vertikit.run.pictures import write_pictures
from vertikit.run.results import rounded, test_predictions, texts_by_row, versions

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.outcome import Outcome
    from vertikit.prepare.prepared import Data
    from vertikit.run.run import Run

UNKNOWN_CLASS = "is none of the run's classes"


def evaluate(
    run: Run,
    data: Data,
    *,
    output: Path | None,
    mapping: Mapping[str, str],
    drop: Sequence[str] = (),
    root: str = "",
    show_values: bool = False,
    allow_leaks: bool = False,
    progress: Progress = SILENT,
) -> dict[str, Any]:
    """The keys of metrics.json for these rows; with `output`, a folder with predictions and a report as well.

    Rows that the run has learnt from are no test, and are left out; `allow_leaks` keeps them.
    """
    partial = (
        None if output is None else start_folder(output, "Remove the folder, or choose another --output.")
    )
    try:
        return _evaluate(run, data, partial, output, mapping, drop, root, show_values, allow_leaks, progress)
    except BaseException:
        # An evaluation is quick and has no checkpoints: there is nothing in it to go on with.
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        raise


def _evaluate(
    run: Run,
    data: Data,
    partial: Path | None,
    output: Path | None,
    mapping: Mapping[str, str],
    drop: Sequence[str],
    root: str,
    show_values: bool,
    allow_leaks: bool,
    progress: Progress,
) -> dict[str, Any]:
    started = time.monotonic()
    task = run.task
    with TemporaryDirectory(prefix="vertikit-") as folder:
        found = read_examples(run, data, mapping, drop, root, Path(folder), targets=True)
        found = without_unknown_labels(found, run.outcome, task.target)
        progress.line(f"rows: {found.read:,} read, {len(found.bad):,} cannot be used")
        known = run.parts.learnt_from.seen(task, found.examples)
        if known:
            done = "are kept (--allow-leaks)" if allow_leaks else "are left out"
            progress.line(f"leaks: {len(known):,} rows that the run has learnt from {done}")
            found = found if allow_leaks else without_known(found, known)
        examples = run.parts.known(found.examples, task)
        baselines = {
            name: run.outcome.asked(name, baseline, examples)
            for name, baseline in run.parts.baselines.items()
        }
        maps = None
        if run.parts.locates:
            raw, maps = run.parts.located(examples, progress)
        else:
            raw = run.parts.raw(examples, progress)
        primary = run.metrics["primary"]
        names = dict.fromkeys((primary, *task.protocol.metrics, *run.recipe.metrics))
        metrics = resolve_metrics(names, run.registry)
        standard = Standard(
            metrics,
            primary,
            run.outcome,
            run.recipe.evaluation.bootstrap,
            run.recipe.seed,
            run.recipe.policy.options,
            run.metrics.get("learnt") or {},
        )
        parts = run.parts
        judged = judge(
            task,
            examples,
            parts.answers(raw, examples),
            baselines,
            parts.policy,
            standard,
            alone=None if parts.blend is None else parts.alone(raw),
            unseen=not (known and allow_leaks) and parts.learnt_from.tells_apart(examples),
            later=parts.learnt_from.precedes(examples),
            said=parts.held(examples),
            maps=maps,
        )
        probes = probe(task, found.examples, parts, standard.context, run.recipe.seed, progress.line)
        results = rounded(
            {
                "task": task.name,
                "primary": primary,
                "higher_is_better": metrics[primary].higher_is_better,
                **judged.results,
                **({"blend": run.metrics["blend"]} if "blend" in run.metrics else {}),
                **({"probes": probes} if probes else {}),
                "warnings": [
                    *_warnings(found, len(examples), len(known), kept=allow_leaks),
                    *warnings_of_probes(probes),
                    *warnings_of_shortcut({"primary": primary, **judged.results}),
                    *foreign_texts(task, parts.assembled, examples),
                ],
                **({"leaks": {"learnt": len(known), "kept": allow_leaks}} if known else {}),
                "rows": {"read": found.read, "quarantined": len(found.bad), "test": len(examples)},
                "labels": list(run.labels),
                "outcome": run.outcome.manifest(),
                "run": run.folder.name,
                "cost": run.metrics.get("cost", {}),
                "seconds": {"total": time.monotonic() - started},
                "versions": versions(run.registry),
            }
        )
        if output is not None and partial is not None:
            looked = look(
                task, run.recipe, parts, examples, judged.frame, run.registry,
                show_values=show_values, tell=progress.line,
            )  # fmt: skip
            if looked is not None:
                write_pictures(partial, looked.shown)
                results["pictures"] = {"notes": list(looked.notes)}
            predictions = test_predictions(task, examples, judged.frame, run.parts)
            predictions.to_parquet(partial / "predictions.parquet", index=False)
            write_quarantine(partial / "quarantine.csv", task, found.bad, show_values)
            write_json(partial / "metrics.json", results)
            manifest = {
                "task": task.name,
                "evaluation_of": run.folder.name,
                "columns": dict(found.columns),
                "labels": list(run.labels),
                "outcome": run.outcome.manifest(),
                "card": run.manifest.get("card", {}),
                "versions": results["versions"],
                "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            }
            write_json(partial / "task.json", {"format": 1, **manifest})
            from vertikit.run.report import render

            texts = texts_by_row(task, examples) if show_values else None
            render(partial, show_values=show_values, texts=texts)
            seal(partial, output, manifest)
        return dict(results)


def _warnings(found: Rows, judged: int, known: int, *, kept: bool) -> list[str]:
    """What a reader of the figures must know: which rows are in them and should not be, or the other way round."""
    unknown = sum(bad.reason.endswith(UNKNOWN_CLASS) for bad in found.bad)
    warnings = []
    if known and kept:
        warnings.append(
            f"Leaks were kept at the user's wish: the run has learnt from {known:,} of these {judged:,} rows, or from "
            "others of their group. The figures are better than the model."
        )
    elif known:
        warnings.append(
            f"{known:,} rows were left out, since the run has learnt from them or from others of their group; "
            f"{judged:,} were judged."
        )
    if unknown:
        warnings.append(
            f"{unknown:,} rows have a label that the run never learnt. It cannot be right on them, and they are not "
            f"among the {judged:,} that were judged: the figures are better than the model is on these data."
        )
    return warnings


def without_unknown_labels(found: Rows, outcome: Outcome, target: Column) -> Rows:
    """The rows without those whose label the model never learnt; these are counted among the bad ones."""
    if not len(found.examples):
        raise VertikitError(
            f"none of the {found.read:,} rows can be used.",
            f"Mend the rows, or name other columns: --map {target.name}=COLUMN",
            details=[f"{count:,} rows: {reason}" for reason, count in count_reasons(found.bad)[:10]],
        )
    labels = outcome.labels
    truth = outcome.truth(found.examples, target.name)
    known = outcome.usable(truth)
    if known.all():
        return found
    if not known.any():
        few = "" if target.private else f": {', '.join([*labels[:5], *(['…'] if len(labels) > 5 else [])])}"
        raise VertikitError(
            f"none of the {len(truth):,} usable rows has a {target.name} that the run knows{few}.",
            f"Check the column: --map {target.name}=COLUMN",
        )
    return _without(
        found,
        {int(at): f"{_named(target, truth[at])} {UNKNOWN_CLASS}" for at in np.flatnonzero(~known)},
    )


def _without(found: Rows, reasons: Mapping[int, str]) -> Rows:
    """The rows without the examples at those positions, which are counted among the bad ones."""
    lost = np.array(sorted(reasons), np.int64)
    bad = [
        BadRow(int(found.examples.rows[at]), reasons[int(at)], source=str(found.examples.source[at]))
        for at in lost
    ]
    kept = np.setdiff1d(np.arange(len(found.examples)), lost)
    return replace(
        found,
        examples=found.examples.take(kept),
        position=found.position[kept],
        bad=(*found.bad, *bad),
        bad_position=np.concatenate([found.bad_position, found.position[lost]]),
    )


def without_known(found: Rows, known: Mapping[int, str]) -> Rows:
    """The rows without those of which `known` says why they are no test; VertikitError where none is left."""
    if len(known) == len(found.examples):
        raise VertikitError(
            f"the run has learnt from all {len(known):,} usable rows, or from others of their group: this is no test.",
            "Give rows that it has not seen; what it reaches on its own test stands in its report.",
        )
    return _without(found, known)


def _named(target: Column, label: str) -> str:
    return f"its {target.name}" if target.private else f"{target.name} {label!r}"
