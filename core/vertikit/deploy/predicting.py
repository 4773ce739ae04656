"""New rows through a finished run: a line per row, in the order of the input, bad rows included."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from vertikit.deploy.forecasting import forecast_table
from vertikit.deploy.history import check_state, read_history, write_history
from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.frame import with_columns
from vertikit.prepare.places import several
from vertikit.prepare.reading import Rows, as_sources, read_rows
from vertikit.prepare.reshape import reshape
from vertikit.prepare.roots import roots_of
from vertikit.progress import SILENT, Progress
from vertikit.run.folder import WORK, start_folder
from vertikit.run.places import write_heatmaps
from vertikit.run.results import target_is_ahead
from vertikit.run.run import load
from vertikit.spreadsheet import shown_as_text

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Data
    from vertikit.run.run import Run

WRITERS = (".csv", ".jsonl", ".parquet")
PREDICTIONS = "predictions.csv"


def remembered_columns(run: Run, mapping: Mapping[str, str]) -> dict[str, str]:
    """The run's own column map, with what the user says now above it.

    A column that bore the task's own name needs no remembering, and where it is missing the message must not
    speak of a --map that nobody typed.
    """
    return {
        role: name for role, name in {**run.columns, **mapping}.items() if role in mapping or role != name
    }


def read_examples(
    run: Run,
    data: Data,
    mapping: Mapping[str, str],
    drop: Sequence[str],
    root: str,
    folder: Path,
    *,
    targets: bool,
) -> Rows:
    """New rows, or what the run makes of several, a line each in the order of the input."""
    found = read_rows(
        run.task,
        as_sources(data),
        remembered_columns(run, mapping),
        drop,
        run.registry,
        folder,
        targets=targets,
        unlabelled=run.recipe.reshape.window is not None or run.task.target.ahead,
    )
    made = reshape(
        run.task,
        found,
        run.recipe.reshape,
        folder,
        pictures=run.recipe.pictures,
        targets=targets,
        registry=run.registry,
        root=roots_of(root, found.places, found.examples),
    )
    for name, count in made.channels.items():
        if count != run.channels.get(name, count):
            raise VertikitError(
                f"the recordings have {several(count, 'channel')}, and those that the run learnt from had "
                f"{run.channels[name]}.",
                "Give recordings of the same sensors, in the same order.",
            )
    return made.as_rows(found)


def predict(
    run: Run,
    rows: Data,
    *,
    mapping: Mapping[str, str],
    drop: Sequence[str] = (),
    root: str = "",
    state: Path | None = None,
    progress: Progress = SILENT,
    heatmaps: Path | None = None,
) -> pd.DataFrame:
    """Columns row (of a window, its last, and `rows`), id and truth (where there are any), <target>,
    <target>.p.<label>, decision, reason, error. Of a forecast a line a step (see `forecast_table`).

    With `state`, what the run's experts remember goes on from that file (or, where there is none, from the end of
    training), and is written back to it with these rows; the run stays as it is. With `heatmaps`, an existing folder,
    pictures of where the run points at are written there.
    """
    if state is not None:
        check_state(state)
        run = load(run.folder, run.registry)  # experts of its own: those of the caller's run stay as they are
        known = read_history(run, state)
        progress.line(f"{state}: {'goes on' if known else 'starts from the end of training'}")
    with tempfile.TemporaryDirectory(prefix="vertikit-") as folder:
        found = read_examples(run, rows, mapping, drop, root, Path(folder), targets=False)
        for note in found.notes:  # values that count as missing, which no line of the answers tells
            progress.line(f"note: {note}")
        plain = found.examples
        found = replace(found, examples=run.parts.known(plain, run.task))
        if heatmaps is None:
            raw = run.parts.raw(found.examples, progress)
        else:
            raw, maps = run.parts.located(found.examples, progress)
            write_heatmaps(heatmaps, run.task, run.parts, found.examples, maps)
        table = prediction_table(run, found, run.parts.answers(raw, found.examples))
        if state is not None:
            run.parts.remember(plain, run.task)
            write_history(run, state)
        return table


def prediction_table(run: Run, found: Rows, answers: NDArray[np.float64]) -> pd.DataFrame:
    """The table of `predict` from answers [N, A] of the usable rows."""
    if target_is_ahead(found.examples):
        return forecast_table(run, found, answers)
    return pd.DataFrame(prediction_columns(run, found, answers))


def prediction_columns(run: Run, found: Rows, answers: NDArray[np.float64]) -> dict[str, NDArray[Any]]:
    """The columns [n] of that table where each example is a line of it: n rows were read, N of them can be used."""
    task, target = run.task, run.task.target.name
    frame = run.outcome.frame(answers, None)
    frame = with_columns(frame, found.examples, run.parts.policy.needs)
    decisions = run.parts.decided(frame, found.examples)
    columns: dict[str, Any] = {"row": np.zeros(found.read, dtype=np.int64)}
    columns["row"][found.position] = found.examples.rows
    columns["row"][found.bad_position] = [bad.row for bad in found.bad]
    if found.examples.windows is not None:
        columns["rows"] = _spread(found, found.examples.windows.places())
    present = found.examples.table.column_names
    if task.id is not None and task.id.name in present:
        columns["id"] = _spread(found, found.examples.column(task.id.name))
    if target in present:
        columns["truth"] = _spread(found, found.examples.column(target))
    for name, given in run.outcome.columns(target, frame).items():
        if given.dtype == object:
            columns[name] = _spread(found, given)
        else:
            columns[name] = np.full(found.read, np.nan)
            columns[name][found.position] = given
    columns["decision"] = _spread(found, decisions["decision"].to_numpy(object))
    columns["reason"] = _spread(found, decisions["reason"].to_numpy(object))
    for name, texts in run.parts.remarked(found.examples).items():
        columns[name] = _spread(found, texts)
    errors = np.full(found.read, None, dtype=object)
    errors[found.bad_position] = [bad.reason for bad in found.bad]
    columns["error"] = errors
    return columns


def predict_to(
    run: Run,
    paths: Sequence[str],
    output: Path,
    *,
    mapping: Mapping[str, str],
    drop: Sequence[str] = (),
    root: str = "",
    state: Path | None = None,
    progress: Progress = SILENT,
) -> pd.DataFrame:
    """Predict files and write the table to a new .csv, .jsonl or .parquet file; the table.

    A run that tells where takes a folder too, for predictions.csv and heatmaps/<row>.png.
    """
    if not output.suffix and run.parts.locates:
        folder = start_folder(output, "Remove the folder, or choose another --output.")
        try:
            table = predict(
                run, tuple(paths), mapping=mapping, drop=drop, root=root, state=state, progress=progress,
                heatmaps=folder,
            )  # fmt: skip
            write_table(table, folder / PREDICTIONS)
            (folder / WORK).rmdir()
            folder.rename(output)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return table
    check_output(output)
    table = predict(run, tuple(paths), mapping=mapping, drop=drop, root=root, state=state, progress=progress)
    write_table(table, output)
    return table


def check_output(output: Path) -> None:
    """UsageError where the file exists, has no known ending, or cannot be made."""
    if output.suffix not in WRITERS:
        raise UsageError(
            f"{output}: ends in none of {', '.join(WRITERS)}.", "Choose such a name for --output."
        )
    try:
        if os.path.lexists(output):
            raise UsageError(f"{output}: exists already.", "Choose another --output, or move it away.")
        output.parent.mkdir(parents=True, exist_ok=True)
        output.touch()
        output.unlink()
    except (OSError, ValueError) as error:  # a name with a NUL byte is a ValueError
        raise UsageError(
            f"{output}: cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another --output.",
        ) from error


def write_table(table: pd.DataFrame, output: Path) -> None:
    """Written under another name and renamed: a file of that name is whole. No cell of a CSV is a formula."""
    part = output.with_name(output.name + ".part")
    if output.suffix == ".csv":
        texts = table.select_dtypes(["object", "string"]).columns
        table.assign(**{name: table[name].map(shown_as_text) for name in texts}).to_csv(part, index=False)
    elif output.suffix == ".jsonl":
        table.to_json(part, orient="records", lines=True, force_ascii=False, date_format="iso")
    else:
        table.to_parquet(part, index=False)
    part.rename(output)


def _spread(found: Rows, values: Sequence[Any] | NDArray[Any]) -> NDArray[np.object_]:
    """Values of the usable rows, each at its place among all rows; None elsewhere."""
    result = np.full(found.read, None, dtype=object)
    result[found.position] = np.asarray(values, dtype=object)
    return result
