"""The verb `train`: from files and a recipe to a run folder, stage by stage."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.adapt import ranks
from vertikit.errors import UsageError
from vertikit.prepare.prepared import Sources
from vertikit.prepare.reading import as_sources
from vertikit.progress import SILENT, Progress
from vertikit.recipe import Recipe, resolve_recipe
from vertikit.recipe.commented import dump_recipe
from vertikit.registry import registry
from vertikit.run.events import EventLog
from vertikit.run.folder import WORK, default_output, partial_of, seal, start_folder, write_json
from vertikit.run.resuming import find_unfinished, start_record, write_start
from vertikit.run.run import Run, load

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Data, Source


def train(
    task: str,
    data: Data,
    *,
    valid: Data = (),
    test: Data | Mapping[str, Data] | None = None,
    map: Mapping[str, str] | None = None,
    drop: str | Sequence[str] = (),
    types: Mapping[str, str] | None = None,
    root: str | Path = "",
    output: str | Path | None = None,
    resume: bool = False,
    show_values: bool = False,
    progress: bool = True,
    **recipe: Any,
) -> Run:
    """Adapt a model to a task, judge it beside the baselines, and write a run folder.

    Args:
        task: `vertical/task`.
        data: a path (or `hf://owner/name`), a DataFrame, a list of dicts, or several paths.
        valid, test: parts of the user's own; `test` may be a mapping of names to such.
        map: the task's column name -> the data's.
        drop: columns (or one) that are not to be used.
        root: a folder or an archive for files that rows name; without it, the folder of the first file of `data`.
        types: a further column -> "number", "category", "timestamp" or "none", where its values do not show it.
        output: the folder to make; without it, runs/<task>-<time>.
        resume: go on with an unfinished training of the same data and recipe.
        show_values: whether the report may show values of private columns.
        progress: whether to tell what goes on, on standard error.
        recipe: keys of the recipe: strategy="lora", optimiser={"rate": 1e-3}, ...

    Raises:
        VertikitError: in one line, with what to do next.
    """
    tests = test if isinstance(test, Mapping) else {} if test is None else {"test": test}
    sources = Sources(
        data=_several(data),
        valid=_several(valid),
        tests={name: _several(each) for name, each in tests.items()},
        mapping=map or {},
        drop=(drop,) if isinstance(drop, str) else tuple(drop),
        types=types or {},
        root=str(root),
    )
    out = None if output is None else Path(output)
    return run_training(task, sources, [recipe], out, resume, show_values, Progress() if progress else SILENT)


def train_command(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    output: Path | None,
    resume: bool,
    show_values: bool,
) -> Run:
    """The command line's way in: what it does is told on standard error."""
    return run_training(task_name, sources, layers, output, resume, show_values, Progress())


def run_training(
    task_name: str,
    sources: Sources,
    layers: Sequence[Mapping[str, Any]],
    output: Path | None,
    resume: bool,
    show_values: bool,
    progress: Progress,
) -> Run:
    """Find or make the folder, work in it, and give it its name when everything is there."""
    known = registry()
    task = known.task(task_name)
    recipe = resolve_recipe(task, known, layers=layers)
    if ranks.count() > 1:
        from vertikit.training.together import together

        def work(output: Path | None, progress: Progress) -> Run:
            return _started(task_name, sources, recipe, layers, output, resume, show_values, progress)

        return together(work, recipe, known, output, progress)
    return _started(task_name, sources, recipe, layers, output, resume, show_values, progress)


def _started(
    task_name: str,
    sources: Sources,
    recipe: Recipe,
    layers: Sequence[Mapping[str, Any]],
    output: Path | None,
    resume: bool,
    show_values: bool,
    progress: Progress,
) -> Run:
    asked = output
    record = start_record(task_name, sources, recipe)
    partial = find_unfinished(output, record) if resume else None
    if resume and output is not None and output.exists():
        raise UsageError(f"{output}: is finished already.", f"Read it: vertikit report {output}")
    if partial is None:
        if resume:
            progress.line("no unfinished run of this data and recipe: starting anew")
        output = output or default_output(task_name)
        partial = start_folder(output)
    else:
        output = partial.with_name(partial.name.removesuffix(".partial"))
        progress.line(f"going on with {partial}")
    write_start(partial, record)
    known = registry()
    run = Run.unfinished(partial, known.task(task_name), recipe, known)
    # Of several processes that train together, the first speaks for all.
    announce = known.announce if ranks.is_first() else lambda *_, **__: None
    try:
        return _work(run, announce, sources, recipe, layers, output, show_values, progress)
    except BaseException as error:
        announce("run_failed", run=run, error=error)
        # What never came to training has nothing to go on with.
        began = any((partial_of(output) / WORK).glob("training/checkpoint-*"))
        if isinstance(error, Exception) and not began:
            shutil.rmtree(partial_of(output), ignore_errors=True)
            if asked is None:
                with contextlib.suppress(OSError):
                    output.parent.rmdir()  # goes only where it is empty
        raise


def _work(
    run: Run,
    announce: Callable[..., None],
    sources: Sources,
    recipe: Recipe,
    layers: Sequence[Mapping[str, Any]],
    output: Path,
    show_values: bool,
    progress: Progress,
) -> Run:
    from vertikit.adapt.assembling import choose_device
    from vertikit.fitted_store import save_fitted
    from vertikit.prepare.preparing import prepare
    from vertikit.prepare.quarantine import write_quarantine
    from vertikit.prepare.summary import describe
    from vertikit.run.card import write_card
    from vertikit.run.looking import look
    from vertikit.run.model_parts import save_parts
    from vertikit.run.pictures import write_pictures
    from vertikit.run.refusing import refuse_in_forecasts
    from vertikit.run.report import render
    from vertikit.run.results import folder_bytes, rounded, texts_by_row, versions
    from vertikit.select.choosing import choose_backbone
    from vertikit.training.adapting import adapt, main_test
    from vertikit.training.compared import compare_smaller, measure_both
    from vertikit.training.distilled import compare_teacher
    from vertikit.training.experts_compared import compare_experts
    from vertikit.training.few_rows import FEW, all_labelled, choose_ways, largest_class
    from vertikit.training.joining import with_experts
    from vertikit.training.judging import evaluate_run
    from vertikit.training.started import compare_start
    from vertikit.training.within_budget import within_budget
    from vertikit.watch.reference import FILE, make_reference

    started = time.monotonic()
    quiet_libraries()
    known, partial = registry(), run.folder
    task, task_name = run.task, run.task.name
    work = partial / WORK
    log = EventLog(partial)
    (partial / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
    log.write("run_started", task=task_name, recipe=recipe.model_dump(mode="json"))
    announce("run_started", run=run)

    refuse_in_forecasts(task, recipe)
    # What cannot be had is said before the rows are read, which may take minutes.
    choose_device(recipe.device)
    choose_backbone(recipe.backbone, known, task.modalities)
    clock = time.monotonic()
    tables = work / "tables"
    shutil.rmtree(tables, ignore_errors=True)
    tables.mkdir(mode=0o700)
    data = prepare(task, sources, recipe, known, tables, progress.line)
    for line in describe(data):
        progress.line(line)
    task = task.for_outcome(data.outcome.kind)
    if task is not known.task(task_name):
        # The defaults of a task are others where its target turns out to be a number.
        recipe = resolve_recipe(task, known, layers=layers)
        (partial / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
        data = replace(data, task=data.task.for_outcome(data.outcome.kind))
    write_quarantine(partial / "quarantine.csv", task, [*data.quarantine, *data.removed], show_values)
    seconds = {"prepare": time.monotonic() - clock}
    log.write("rows_prepared", read=data.read, quarantined=len(data.quarantine), removed=len(data.removed))
    announce("rows_prepared", run=run, data=data)

    def epoch_ended(entry: Mapping[str, float]) -> None:
        log.write("epoch_ended", **entry)
        announce("epoch_ended", run=run, epoch=int(entry["epoch"]), logs=entry)

    clock, plain = time.monotonic(), data.task
    data, experts = with_experts(data, recipe, known, tables, progress)
    if experts:
        seconds["experts"] = time.monotonic() - clock
    ways: dict[str, Any] = {}
    if recipe.few_shot:
        clock = time.monotonic()
        data = all_labelled(data)
        recipe, ways = choose_ways(data, recipe, layers, known, work / "few-rows", progress)
        (partial / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
        seconds["choose"] = time.monotonic() - clock
    elif 0 < largest_class(data) <= FEW:
        progress.line(
            f"few rows: {largest_class(data):,} of the largest class; --few-shot chooses head and blend for so few"
        )
    tried: list[dict[str, Any]] = []
    if recipe.compress.budget is None:
        adapted = adapt(data, recipe, known, work, progress, epoch_ended)
    else:
        budget = recipe.compress.budget
        recipe, adapted, tried = within_budget(data, recipe, layers, known, work, progress, epoch_ended)
        recipe = recipe.model_copy(update={"compress": recipe.compress.model_copy(update={"budget": budget})})
        (partial / "recipe.yaml").write_text(dump_recipe(recipe), encoding="utf-8")
    seconds |= adapted.seconds
    judged = evaluate_run(data, recipe, known, adapted, experts, progress)
    seconds |= judged.seconds
    if experts and recipe.evaluation.compare_experts:
        clock = time.monotonic()
        hybrid = judged.parts.alone(adapted.raw(main_test(data.folds[0], task), task.target.name))
        judged.metrics["experts"] = compare_experts(
            data, plain, recipe, known, hybrid, experts, judged.standard, work / "without-experts", progress
        )
        seconds["compare_experts"] = time.monotonic() - clock
    if recipe.start.run is not None:
        clock = time.monotonic()
        own = judged.parts.alone(adapted.raw(main_test(data.folds[0], task), task.target.name))
        start = compare_start(data, recipe, known, own, judged.standard, work / "without-start", progress)
        judged.metrics["start"] = start
        judged.metrics["warnings"] += start["warnings"]
        seconds["compare_start"] = time.monotonic() - clock
    if recipe.teacher.run is not None and recipe.compress.run is None:
        clock = time.monotonic()
        student = judged.parts.alone(adapted.raw(main_test(data.folds[0], task), task.target.name))
        judged.metrics["teacher"] = compare_teacher(
            data, recipe, known, student, adapted, judged.standard, work / "without-teacher", progress
        )
        seconds["compare_teacher"] = time.monotonic() - clock
    if ways:
        judged.metrics["few_shot_mode"] = ways
    if recipe.compress.run is not None:
        judged.metrics["compression"] = {
            **compare_smaller(data, recipe, known, adapted, judged),
            **({"budget": recipe.compress.budget, "tried": tried} if tried else {}),
        }
    clock = time.monotonic()
    looked = look(
        data.task, recipe, judged.parts, judged.examples, judged.frame, known,
        show_values=show_values, tell=progress.line,
    )  # fmt: skip
    if looked is not None:
        write_pictures(partial, looked.shown)
        judged.metrics["pictures"] = {"notes": list(looked.notes)}
        seconds["look"] = time.monotonic() - clock
    save_parts(judged.parts, partial / "model")
    clock = time.monotonic()
    if not data.task.target.ahead:  # how series drift is not watched so far
        save_fitted(partial / "model", FILE, make_reference(data, plain, recipe, adapted, judged, progress))
    seconds["reference"] = time.monotonic() - clock
    judged.predictions.to_parquet(partial / "predictions.parquet", index=False)

    info = next(iter(adapted.assembled.backbones.values())).info
    metrics = judged.metrics
    metrics["cost"]["model_bytes"] = folder_bytes(partial / "model", but=("baselines",))
    metrics["versions"] = versions(known)
    metrics["seconds"] = {**seconds, "total": time.monotonic() - started}
    metrics = rounded(metrics)
    write_json(partial / "metrics.json", metrics)
    manifest = {
        "task": task_name,
        "columns": dict(data.columns),
        "further": dict(data.further),
        "channels": dict(data.channels),
        "labels": list(data.outcome.labels),
        "outcome": data.outcome.manifest(),
        "fingerprint": data.fingerprint,
        "backbones": {name: asdict(backbone.info) for name, backbone in adapted.assembled.backbones.items()},
        "card": asdict(task.card),
        "versions": metrics["versions"],
        "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    write_json(partial / "task.json", {"format": 1, **manifest})
    if recipe.compress.run is not None:
        clock = time.monotonic()
        measure_both(metrics["compression"], Path(recipe.compress.run), partial, manifest, sources, progress)
        metrics["seconds"]["measure"] = time.monotonic() - clock
        metrics = rounded(metrics)
        write_json(partial / "metrics.json", metrics)
    write_card(partial, task, metrics, recipe, info)
    log.write("run_finished", verdict=metrics["verdict"], seconds=metrics["seconds"]["total"])
    texts = texts_by_row(task, judged.examples) if show_values else None
    render(partial, show_values=show_values, texts=texts)
    seal(partial, output, manifest)
    finished = load(output, known)
    announce("run_finished", run=finished)
    return finished


def quiet_libraries() -> None:
    """The kit tells what goes on; the libraries' own bars and warnings would talk over it."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    import datasets
    from transformers.utils import logging

    datasets.disable_progress_bars()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def _several(data: Data) -> tuple[Source, ...]:
    """The sources of a part; a list of names is several files here, since a row to train on is no mere text."""
    if isinstance(data, list) and all(isinstance(each, str | Path) for each in data):
        data = tuple(data)
    return tuple(as_sources(data))
