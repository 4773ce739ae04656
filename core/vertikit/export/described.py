"""What an export says of itself: what a row holds, what the graph takes, and the numbers around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.expertise import added_columns
from vertikit.columns import Column, Text
from vertikit.contracts import Portable
from vertikit.evaluate import conformal
from vertikit.evaluate.blending import FLOOR
from vertikit.evaluate.calibration import Temperature
from vertikit.evaluate.conformal import Threshold
from vertikit.evaluate.platt import Platt
from vertikit.evaluate.spread import Spread
from vertikit.outcome.numbers import Numbers
from vertikit.prepare.reshape.reshaped import channel_names, task_of_examples
from vertikit.series_columns import Series
from vertikit.table_columns import LARGEST, Number, Timestamp

if TYPE_CHECKING:
    from vertikit.run.run import Run

FORMAT = 1


def columns_of(run: Run) -> dict[str, Column]:
    """The input columns of the run's examples by name, those of its experts among them."""
    parts = run.parts
    task = task_of_examples(run.task, run.recipe.reshape, run.channels)
    task = task.with_columns(added_columns(parts.experts))
    had = {*run.columns, *(name for each in run.channels.items() for name in channel_names(*each))}
    had |= {column.name for column in added_columns(parts.experts)}
    return {column.name: column for column in task.columns if column.name in had and column.role != "target"}


def described_inputs(
    run: Run, names: Iterable[str], needed: Iterable[str], experts: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What a row holds: each column with type, bounds, and the names that it goes by; `experts` are the columns that
    the kit's experts would give, with the expert's name."""
    known, required = columns_of(run), set(needed)
    found = []
    for name in dict.fromkeys(names):
        if name not in known:
            continue  # a task's column that the data of the run had not
        column = known[name]
        each: dict[str, Any] = {
            "name": name,
            "type": _kind(column),
            "required": column.required or name in required,
            "help": column.help,
            "names": list(dict.fromkeys([name, run.columns.get(name, name)])),
        }
        if isinstance(column, Text):
            each |= {"longest": column.max_characters}
            if column.may_be_empty:
                each["empty"] = True
        if isinstance(column, Number):
            ends = {"minimum": column.minimum, "maximum": column.maximum}
            each |= {key: value for key, value in ends.items() if abs(value) != LARGEST}
        if name in experts:
            each["from"] = experts[name]
        found.append(each)
    return found


def _kind(column: Column) -> str:
    if isinstance(column, Series):
        return "series"
    if isinstance(column, Timestamp):
        return "timestamp"
    return column.type_name if column.type_name in ("text", "number", "category", "image") else "category"


def described_answers(run: Run, *, blended: bool) -> dict[str, Any]:
    """The numbers between the raw outputs of the graph and an answer."""
    parts, outcome = run.parts, run.outcome
    found: dict[str, Any] = {
        "kind": outcome.kind,
        "target": run.task.target.name,
        "labels": list(outcome.labels),
        "calibration": _calibration(parts.calibration),
        "lowest_without": parts.lowest_without,
    }
    if parts.lowest_without:
        found["lowest"] = outcome.lowest().tolist()
    if isinstance(outcome, Numbers):
        zero, one = (
            float(parts.assembled.head.numbers(np.array([[value]], np.float64))[0]) for value in (0.0, 1.0)
        )
        found |= {
            "factor": one - zero, "offset": zero,
            "low": outcome.scale.minimum, "high": outcome.scale.maximum,
        }  # fmt: skip
    if blended and parts.blend is not None:
        found["blend"] = {
            "with": parts.blend.name, "weights": list(parts.blend.pool.weights), "floor": FLOOR
        }  # fmt: skip
    if isinstance(parts.certainty, Spread):
        state = parts.certainty.state()
        found["interval"] = {
            "knots": state.arrays["knots"].tolist(),
            "spreads": state.arrays["spreads"].tolist(),
            "quantile": state.tree["quantile"],
        }
    return found


def _calibration(calibration: Any) -> dict[str, Any]:
    if isinstance(calibration, Temperature):
        return {"temperature": calibration.temperature}
    if isinstance(calibration, Platt):
        if not len(calibration.slope):
            return {}
        return {"slope": calibration.slope.tolist(), "offset": calibration.offset.tolist()}
    if isinstance(calibration, Threshold):
        return {
            "threshold": calibration.threshold, "spread": calibration.spread, "apart": conformal.APART,
            "smallest": conformal.SMALLEST,
        }  # fmt: skip
    return {}


def reads(parts: Iterable[Portable]) -> list[str]:
    """The columns that parts read, each once."""
    return list(dict.fromkeys(name for part in parts for name in part.columns))
