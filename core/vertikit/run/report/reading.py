"""Reads what a report shows from a run folder; all but metrics.json may be absent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import BadRow
from vertikit.errors import VertikitError
from vertikit.prepare.quarantine import count_reasons
from vertikit.task import Task

if TYPE_CHECKING:
    import pandas as pd

Json = Mapping[str, Any]

_AGAIN = "Restore the folder from a copy, or train the run again."


@dataclass(frozen=True)
class RunFiles:
    """The contents of a run folder, as far as a report needs them.

    Args:
        saved: the content of task.json.
        reasons: why rows were quarantined and how many for each reason, the most frequent first.
        wrong: the wrongly predicted test rows, with columns row, source, truth, prediction, decision,
            confidence and truth_probability; None without predictions.parquet.
        off: of a target that is a number, all test rows with columns row, source, truth, prediction, spread and
            decision, those farthest off first; None for classes.
        task: the task itself where its plugin is installed.
        date: when the run was made, as YYYY-MM-DD, or "".
    """

    folder: Path
    metrics: Json
    saved: Json
    recipe: str
    reasons: tuple[tuple[str, int], ...]
    wrong: pd.DataFrame | None
    off: pd.DataFrame | None
    task: Task | None
    date: str

    @property
    def evaluated(self) -> str:
        """The run that this is an evaluation of, or "" where it is a run itself."""
        return str(self.saved.get("evaluation_of") or self.metrics.get("run") or "")

    @property
    def name(self) -> str:
        return self.folder.resolve().name.removesuffix(".partial")


def read(folder: Path) -> RunFiles:
    """All of it; VertikitError where metrics.json is missing or any of the files is damaged."""
    metrics = _json(folder / "metrics.json")
    if metrics is None:
        raise VertikitError(f"{folder} has no metrics.json, so it is no finished run.", "Name a run folder.")
    saved = _json(folder / "task.json") or {}
    recipe = folder / "recipe.yaml"
    return RunFiles(
        folder=folder,
        metrics=metrics,
        saved=saved,
        recipe=recipe.read_text(encoding="utf-8") if recipe.exists() else "",
        reasons=_reasons(folder / "quarantine.csv", (metrics.get("rows") or {}).get("quarantined")),
        wrong=_wrong(folder / "predictions.parquet", _target(saved)),
        off=_off(folder / "predictions.parquet"),
        task=_task(metrics.get("task") or saved.get("task")),
        date=_date(saved, folder / "log.jsonl"),
    )


def _json(path: Path) -> Json | None:
    if not path.exists():
        return None
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise VertikitError(f"{path} is damaged: {error}.", _AGAIN) from error
    if not isinstance(found, dict):
        raise VertikitError(f"{path} is damaged: it holds no JSON object.", _AGAIN)
    return found


def _reasons(path: Path, quarantined: object) -> tuple[tuple[str, int], ...]:
    """Of the quarantined rows, which come first in the file; rows removed as leaks stand below them."""
    if not path.exists():
        return ()
    import pandas as pd

    try:
        reasons = pd.read_csv(path, usecols=["reason"], dtype=str, keep_default_na=False)["reason"]
    except (OSError, ValueError) as error:
        raise VertikitError(f"{path} is damaged: {error}.", _AGAIN) from error
    most = quarantined if isinstance(quarantined, int) else len(reasons)
    return tuple(count_reasons(BadRow(0, reason) for reason in reasons[:most]))


def _target(saved: Json) -> str | None:
    labels = saved.get("labels")
    return next(iter(labels), None) if isinstance(labels, Mapping) else None


def _wrong(path: Path, target: str | None) -> pd.DataFrame | None:
    if not path.exists():
        return None
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise VertikitError(f"{path} is damaged: {error}.", _AGAIN) from error
    names = table.column_names
    if target not in names:
        target = next(
            (name for name in names if any(other.startswith(f"{name}.p.") for other in names)), None
        )
    if target is None or not {"row", "truth"} <= set(names):
        return None
    table = table.filter(pc.not_equal(table["truth"], table[target]))
    frame = table.to_pandas()
    prefix = f"{target}.p."
    probabilities = frame[[name for name in names if name.startswith(prefix)]]
    probabilities.columns = probabilities.columns.str.removeprefix(prefix)
    lines = range(len(frame))
    columns = dict(zip(probabilities.columns, probabilities.to_numpy().T, strict=True))

    def given(label: str, line: int) -> float:
        return float(columns[label][line]) if label in columns else float("nan")

    wrong = frame[["row", "truth"]].assign(
        source=frame["source"] if "source" in names else "",
        prediction=frame[target],
        decision=frame["decision"] if "decision" in names else None,
        confidence=[given(label, line) for label, line in zip(frame[target], lines, strict=True)],
        truth_probability=[given(label, line) for label, line in zip(frame["truth"], lines, strict=True)],
    )
    ordered: pd.DataFrame = wrong.sort_values(["confidence", "row"], ascending=[False, True], kind="stable")
    return ordered


def _off(path: Path) -> pd.DataFrame | None:
    if not path.exists():
        return None
    import pandas as pd
    import pyarrow as pa

    try:
        frame = pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise VertikitError(f"{path} is damaged: {error}.", _AGAIN) from error
    names = [str(name) for name in frame.columns]
    target = next((name.removesuffix(".spread") for name in names if name.endswith(".spread")), None)
    if target not in names:
        return None
    off = frame.assign(prediction=frame[target], spread=frame[f"{target}.spread"])
    order = (off["prediction"] - off["truth"]).abs().sort_values(ascending=False, kind="stable").index
    return off.loc[order, ["row", "source", "truth", "prediction", "spread", "decision"]]


def _task(name: object) -> Task | None:
    """A report outlives plugins: without the task's own, what the run saved has to do."""
    from vertikit.registry import registry

    try:
        return registry().task(str(name))
    except VertikitError:
        return None


def _date(saved: Json, log: Path) -> str:
    moment = saved.get("created")
    if moment is None and log.exists():
        with log.open(encoding="utf-8") as lines:
            try:
                first = json.loads(lines.readline() or "{}")
            except ValueError:
                first = {}
        moment = first.get("time") if isinstance(first, dict) else None
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).date().isoformat()
    try:
        return datetime.fromisoformat(str(moment)).date().isoformat()
    except ValueError:
        return ""
