"""What a run writes of its evaluation: metrics.json, predictions, quarantine, card, report."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vertikit.evaluate.judging import MOST_LINES
from vertikit.run.run import LIBRARIES

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.registry import Registry
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task


def versions(known: Registry) -> dict[str, str]:
    """Of Python, the libraries that numbers depend on, and every plugin that is loaded."""
    plugins = {plugin.distribution: plugin.version for plugin in known.plugins if plugin.state == "ok"}
    return {"python": platform.python_version(), **plugins, **{name: version(name) for name in LIBRARIES}}


def test_predictions(
    task: Task,
    examples: Examples,
    frame: pd.DataFrame,
    parts: ModelParts,
) -> pd.DataFrame:
    """predictions.parquet: a line per example that was judged, in the order of the frame; of forecasts, one a step."""
    target, outcome = task.target.name, parts.assembled.outcome
    if target_is_ahead(examples):
        listed = outcome.listed(frame, examples, MOST_LINES)
        decisions = parts.decided(listed.frame, examples)
        steps: dict[str, Any] = {
            "row": examples.rows[listed.which],
            "source": examples.source[listed.which].astype(str),
            **listed.beside,
            "truth": listed.frame["truth"].to_numpy(),
            **outcome.columns(target, listed.frame),
        }
        steps |= {name: decisions[name].to_numpy() for name in ("decision", "reason")}
        return pd.DataFrame({**steps, "error": np.full(len(listed.which), None, dtype=object)})
    decisions = parts.decided(frame, examples)
    columns: dict[str, Any] = {"row": examples.rows, "source": examples.source.astype(str)}
    if examples.windows is not None:
        columns["rows"] = examples.windows.places()
    if task.id is not None and task.id.name in examples.table.column_names:
        columns["id"] = examples.column(task.id.name)
    columns["truth"] = frame["truth"].to_numpy()
    columns |= outcome.columns(target, frame)
    columns |= {name: decisions[name].to_numpy() for name in ("decision", "reason")}
    columns |= parts.remarked(examples)
    columns["error"] = np.full(len(frame), None, dtype=object)
    return pd.DataFrame(columns)


def target_is_ahead(examples: Examples) -> bool:
    """Whether examples are origins of forecasts."""
    return examples.windows is not None and examples.windows.ahead is not None


def texts_by_row(task: Task, examples: Examples) -> dict[int, str]:
    """Row number -> the inputs' values, for a report that may show them."""
    names = [column.name for column in task.inputs if column.name in examples.table.column_names]
    if not names or target_is_ahead(examples):
        return {}
    columns = [examples.column(name) for name in names]
    return {
        int(row): " | ".join(str(value) for value in values)
        for row, *values in zip(examples.rows, *columns, strict=True)
    }


def folder_bytes(folder: Path, but: Sequence[str] = ()) -> int:
    """Bytes of all files below a folder, save those below the named subfolders."""
    return sum(
        path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).parts[0] not in but
    )


def rounded(value: Any, digits: int = 6) -> Any:
    """Numbers of a JSON tree to a number of decimals: more than any interval supports."""
    if isinstance(value, bool):
        return value
    if isinstance(value, float | np.floating):
        return round(float(value), digits) if np.isfinite(value) else None
    if isinstance(value, np.integer):
        return int(value)
    if isinstance(value, Mapping):
        return {key: rounded(each, digits) for key, each in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str):
        return [rounded(each, digits) for each in value]
    return value
