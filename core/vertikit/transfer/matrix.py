"""Every target trained from the plain encoder and from each run, on the same rows, and what that comes to."""

from __future__ import annotations

import hashlib
import json
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.comparing import paired_difference
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.measuring import measure
from vertikit.prepare.prepared import Sources
from vertikit.progress import SILENT
from vertikit.run.folder import MANIFEST, sha256_of
from vertikit.run.refusing import refuse_forecasts
from vertikit.run.run import load
from vertikit.transfer.told import PLAIN, Cell, Line, Matrix, Origin

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.adapt.fits import PrimaryMetric
    from vertikit.examples import Examples, Fold, Indices
    from vertikit.outcome import Answers
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

ANSWERS, RESULT = "answers", "matrix.json"
ALONE: Mapping[str, Any] = {
    "blend": None, "remarks": False,
    "evaluation": {"learning_curve": [], "few_shot": [], "compare_experts": False},
}  # fmt: skip
"""Of every cell: the model alone, and nothing beside it."""
FEWEST_VALID = 30


@dataclass(frozen=True)
class Target:
    """What a run is to be started for: a name of its own in the matrix, the task, its rows."""

    name: str
    task: str
    sources: Sources


@dataclass(frozen=True)
class _Bench:
    """A target that is ready: its fold cut down to the budget, and what its cells are judged by."""

    line: Line
    data: Prepared
    recipe: Recipe
    known: Registry
    primary: PrimaryMetric
    test: Examples
    labelled: Examples
    record: str
    work: Path

    def frame(self, answers: Answers) -> pd.DataFrame:
        outcome = self.data.outcome
        truth = outcome.truth(self.test, self.data.task.target.name)
        return with_columns(outcome.frame(answers, truth), self.test, self.primary.metric.columns)


def origins(folders: Sequence[Path]) -> list[Origin]:
    """The runs by their folders' names, or by their paths where names repeat; UsageError for the same run twice."""
    runs = [load(folder) for folder in folders]
    for run in runs:
        refuse_forecasts(run, "transfer")
    names = [run.folder.name for run in runs]
    found = [
        Origin(
            str(run.folder),
            name if names.count(name) == 1 else str(run.folder),
            str(run.manifest["task"]),
            sha256_of(run.folder / MANIFEST),
        )
        for run, name in zip(runs, names, strict=True)
    ]
    if len({each.sha256 for each in found}) < len(found):
        raise UsageError("--from names a run twice.", "Name each once.")
    return found


def transfer(
    sources: Sequence[Origin],
    targets: Sequence[Target],
    layers: Sequence[Mapping[str, Any]],
    *,
    rows: int | None,
    output: Path,
    progress: Progress,
) -> Matrix:
    """Train each target's recipe from the plain encoder and from each source, and compare them on its test rows.

    Answers are kept in `output` as soon as a cell is trained, so that the same call goes on where it ended. A cell that
    cannot be is told why, and the others go on.

    Args:
        layers: of every target's recipe. rows: that train, at most, drawn in the classes' proportions.

    Raises VertikitError where no cell at all could be compared.
    """
    lines: list[Line] = []
    matrix = Matrix(tuple(sources), tuple(lines))
    if output.is_dir() and any(output.iterdir()) and not (output / RESULT).is_file():
        raise UsageError(f"{output}: holds something else than a matrix.", "Choose another --output.")
    try:
        (output / ANSWERS).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{output}: cannot be written: {error.strerror}.", "Choose another --output."
        ) from error
    _write(matrix, output)
    for target in targets:
        line = Line(target.name, target.task, ", ".join(Path(str(each)).name for each in target.sources.data))
        lines.append(line)
        matrix = replace(matrix, lines=tuple(lines))
        with tempfile.TemporaryDirectory(prefix="vertikit-transfer-") as name:
            try:
                bench = _ready(line, target, layers, rows, Path(name), progress)
            except VertikitError as error:
                line.why = error.what
                progress.line(f"{target.name}: not possible: {error.what}")
            else:
                plain: pd.DataFrame | None = None
                for source in (None, *sources):
                    frame = _fill(bench, source, plain, output, progress)
                    plain = frame if source is None else plain
                    _write(matrix, output)
        _write(matrix, output)
    if not matrix.told():
        reasons = [f"{line.target}: {line.cell(each.name).why}" for line in lines for each in sources]
        raise VertikitError(
            "no cell of the matrix could be compared.", details=list(dict.fromkeys(reasons))[:10]
        )
    return matrix


def _ready(
    line: Line,
    target: Target,
    layers: Sequence[Mapping[str, Any]],
    rows: int | None,
    work: Path,
    progress: Progress,
) -> _Bench:
    """Prepare a target; its line learns how many rows it has and what decides."""
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry
    from vertikit.run.resuming import start_record
    from vertikit.training.adapting import deciding, main_test
    from vertikit.training.joining import with_experts

    known = registry()
    task = known.task(target.task)
    chosen = [*layers, ALONE]
    recipe = resolve_recipe(task, known, layers=chosen)
    if recipe.start.run is not None or recipe.compress.run is not None:
        raise UsageError("start.run and compress.run have no place in a matrix.", "Name runs with --from.")
    progress.line(f"{target.name}: preparing {line.data}")
    tables = work / "tables"
    tables.mkdir(mode=0o700)
    data = prepare(task, target.sources, recipe, known, tables, progress.line)
    kind = data.outcome.kind
    recipe = resolve_recipe(task.for_outcome(kind), known, layers=chosen)
    record = start_record(target.task, target.sources, recipe)["sha256"]
    data, _ = with_experts(replace(data, task=data.task.for_outcome(kind)), recipe, known, tables, progress)
    truth = data.outcome.truth(data.examples, data.task.target.name)
    fold = data.folds[0]
    labelled = data.examples.take(np.concatenate([fold.train, fold.valid]))
    if rows is not None and rows < len(fold.train):
        fold = _budget(fold, data.outcome.strata(truth), rows, recipe.seed)
        data = replace(data, outcome=data.outcome.learnt((fold,), truth, data.task.target))
    data = _only(replace(data, folds=(fold,)))
    fold = data.folds[0]
    primary = deciding(data, recipe, known)
    if primary.metric.learn is not None:
        raise UsageError(
            f"{primary.name} learns a threshold of its own, so that cells have no common measure.",
            "Choose another metric: --set primary=NAME",
        )
    test = data.examples.take(main_test(fold, data.task))
    line.primary, line.higher_is_better = primary.name, primary.metric.higher_is_better
    line.rows, line.valid, line.tested = len(fold.train), len(fold.valid), len(test)
    return _Bench(line, data, recipe, known, primary, test, labelled, f"{record} {rows}", work)


def _budget(fold: Fold, strata: Any, rows: int, seed: int) -> Fold:
    """The fold with so many training rows, and validation rows in proportion, but no fewer than 30 of them."""
    own = fold.calibrate.tolist() == fold.valid.tolist()
    some = max(round(rows * len(fold.valid) / len(fold.train)), FEWEST_VALID)
    valid = drawn(fold.valid, strata, some, seed)
    return replace(
        fold,
        train=drawn(fold.train, strata, rows, seed),
        valid=valid,
        calibrate=valid if own else fold.calibrate,
    )


def _only(data: Prepared) -> Prepared:
    """The data with the examples of its fold alone, so that no others are encoded."""
    fold = data.folds[0]
    kept = np.unique(np.concatenate([fold.train, fold.valid, fold.calibrate, *fold.tests.values()]))
    place = np.full(len(data.examples), -1, np.int64)
    place[kept] = np.arange(len(kept))
    fold = replace(fold, outside={}).each(lambda part: place[part])
    return replace(data, examples=data.examples.take(kept), folds=(fold,))


def drawn(positions: Indices, strata: Any, count: int, seed: int) -> Indices:
    """So many of the positions, drawn at random in the proportions of their strata [N], at least one of each where the
    count allows."""
    if count >= len(positions):
        return positions
    random = np.random.default_rng(seed)
    shuffled = random.permutation(positions)
    names = np.asarray(strata[shuffled], str)
    rank = np.zeros(len(shuffled))
    for name in np.unique(names):
        own = np.flatnonzero(names == name)
        # The first of each stratum comes before all others, and then they take turns in proportion.
        rank[own] = np.arange(len(own)) / len(own)
    return np.sort(shuffled[np.argsort(rank, kind="stable")[:count]])


def _fill(
    bench: _Bench, source: Origin | None, plain: pd.DataFrame | None, output: Path, progress: Progress
) -> pd.DataFrame | None:
    """Add a cell to the line; its predictions, or None where there are none."""
    name = PLAIN if source is None else source.name
    cell = Cell(name)
    bench.line.cells.append(cell)
    told = "the plain encoder" if source is None else name
    try:
        answers, cell.seconds, cell.known = _answers(bench, source, output, progress)
    except VertikitError as error:
        cell.why = error.what
        progress.line(f"{bench.line.target} from {told}: not possible: {error.what}")
        return None
    frame, primary, recipe = bench.frame(answers), bench.primary, bench.recipe
    resamples, groups = recipe.evaluation.bootstrap, bench.test.group
    cell.score = measure(
        frame,
        {primary.name: primary.metric},
        primary.context,
        groups=groups,
        resamples=resamples,
        seed=recipe.seed,
    )[primary.name]
    if source is not None and plain is not None:
        cell.difference = paired_difference(
            frame, plain, primary.metric, primary.context, groups, resamples, recipe.seed
        )
    elif source is not None:
        cell.why = (
            "from the plain encoder this recipe cannot be trained, so there is nothing to compare it with"
        )
    value = cell.score.get("value")
    progress.line(
        f"{bench.line.target} from {told}: {primary.name} {'unknown' if value is None else f'{value:.3f}'}"
    )
    return frame


def _answers(
    bench: _Bench, source: Origin | None, output: Path, progress: Progress
) -> tuple[Answers, float, int]:
    """Answers [n, A] to the test rows and the seconds that training took, of an earlier call where it came so far; and
    how many labelled rows the source has learnt from."""
    from vertikit.training.anew import trained_anew
    from vertikit.training.starting import seen_rows, starting

    recipe, told, known = bench.recipe, "the plain encoder", 0
    if source is not None:
        start = recipe.start.model_copy(update={"run": source.folder, "compare": False})
        recipe, told = recipe.model_copy(update={"start": start}), source.name
        begun = starting(
            bench.data, recipe, bench.known, SILENT
        )  # refused before anything is kept or trained
        assert begun is not None
        known = seen_rows(begun.run, bench.data.task, bench.labelled)
    key = hashlib.sha256(f"{bench.record} {'' if source is None else source.sha256}".encode()).hexdigest()[
        :24
    ]
    kept = output / ANSWERS / f"{key}.npz"
    try:
        with np.load(kept, allow_pickle=False) as found:
            answers, seconds = found["answers"], float(found["seconds"])
        if len(answers) == len(bench.test):
            progress.line(f"{bench.line.target} from {told}: trained before")
            return answers, seconds, known
    except (OSError, ValueError, KeyError, EOFError):
        pass  # not there, or not whole
    progress.line(f"{bench.line.target} from {told}: training on {bench.line.rows:,} rows")
    started = time.monotonic()
    answers = trained_anew(bench.data, recipe, bench.known, bench.work / key)
    seconds = round(time.monotonic() - started, 1)
    partial = kept.with_suffix(".partial.npz")
    np.savez(partial, answers=answers, seconds=np.float64(seconds))
    partial.replace(kept)
    return answers, seconds, known


def _write(matrix: Matrix, output: Path) -> None:
    partial = output / f".{RESULT}.partial"
    partial.write_text(json.dumps(matrix.as_json(), indent=1) + "\n", encoding="utf-8")
    partial.replace(output / RESULT)
