"""Whether an export answers as its run does: on the same rows, by its own program in a process of its own."""

from __future__ import annotations

import importlib
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import Exporter, MetricContext
from vertikit.errors import VertikitError
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.export.program.answers import answers as answers_of
from vertikit.prepare.places import several

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.export.network import RunNetwork
    from vertikit.run.run import Run

LIMIT = 600
"""Seconds after which the program is given up."""


@dataclass(frozen=True)
class Parity:
    """How an export answered beside its run.

    Args:
        rows: that both answered. apart: the largest difference of two probabilities, or of two numbers in standard
            deviations of the training numbers. tolerance: that may be. otherwise: rows with another answer or decision.
        metric, run, export: the primary metric, where rows have the truth, and its two values, of the run without its
            blend where the export has none; whole: that of the run with it.
        seconds: from the start of the program to its first answer, where there is one.
        first: the export's first answer. source: where the rows are from.
    """

    rows: int
    apart: float
    tolerance: float
    otherwise: int
    metric: str = ""
    run: float | None = None
    export: float | None = None
    whole: float | None = None
    seconds: float | None = None
    first: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""

    @property
    def holds(self) -> bool:
        """Whether it answers as the run does."""
        return self.apart <= self.tolerance

    @property
    def told(self) -> str:
        """In words."""
        said = f"by {self.apart:.1e} at most on {several(self.rows)} ({self.tolerance:g} is allowed)"
        if self.otherwise:
            said += f", {several(self.otherwise)} of them with another answer or decision"
        if self.run is not None and self.export is not None:
            said += f"; {self.metric} on them {self.run:.4f} of the run and {self.export:.4f} of the export"
        if self.whole is not None:
            said += f" ({self.whole:.4f} with its blend)"
        return said

    def as_json(self) -> dict[str, Any]:
        """Without the answer itself."""
        return {name: value for name, value in asdict(self).items() if name != "first"}


def compare_program(
    run: Run,
    examples: Examples,
    rows: Sequence[Mapping[str, Any]],
    folder: Path,
    tolerance: float,
    *,
    alone: bool,
) -> Parity:
    """Let the program of the export answer the rows; VertikitError where it does not."""
    with tempfile.TemporaryDirectory(prefix="vertikit-parity-") as place:
        one, many = Path(place) / "one.jsonl", Path(place) / "rows.jsonl"
        one.write_text(json.dumps(rows[0]) + "\n", encoding="utf-8")
        many.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
        started = time.monotonic()
        first = _answered(folder, one)[0]
        seconds = time.monotonic() - started
        found = _answered(folder, many)
    if wrong := next((each for each in found if each["error"] is not None), None):
        raise VertikitError(
            f"the export cannot use row {wrong['row']}, and the run can: {wrong['error']}.",
            "Tell the authors.",
        )
    about = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    names = [name for name in about["outputs"] if name not in (about["target"], "decision", "reason")]
    if about["kind"] == "numbers":
        names = [about["target"], *names]
    given = np.array([[_number(each[name]) for name in names] for each in found], np.float64)
    wanted = _wanted(run, examples, alone=alone)
    decisions = run.parts.policy.decide(_frame(run, wanted, None, examples), run.outcome.labels)
    otherwise = 0
    if not alone and "decision" in about["outputs"]:
        own = [each["decision"] for each in found]
        otherwise = sum(a != b for a, b in zip(own, decisions["decision"], strict=True))
    return Parity(
        len(rows), _apart(run, given, wanted), tolerance, otherwise, **_judged(run, examples, given, wanted, alone),
        seconds=seconds, first=first,
    )  # fmt: skip


def compare_graph(
    run: Run,
    examples: Examples,
    network: RunNetwork,
    about: Mapping[str, Any],
    folder: Path,
    tolerance: float,
    exporter: Exporter,
    *,
    alone: bool,
) -> Parity:
    """Answer rows that only the kit can read, by the graph of the export."""
    runner = exporter.runner
    module = importlib.import_module(runner.modules[-1])
    settings = {"inputs": list(network.inputs), "outputs": list(network.outputs)}
    graph = module.Part(settings, {}, folder)
    items = list(run.parts.inputs(examples).values())
    raw = []
    for at in range(len(examples)):
        fed = network.fed([each.collate(np.array([at])) for each in items])
        raw.append(graph.run({name: value.numpy() for name, value in fed.items()})["raw"])
    given = answers_of(about, np.concatenate(raw), None)
    wanted = _wanted(run, examples, alone=alone)
    return Parity(
        len(examples),
        _apart(run, given, wanted),
        tolerance,
        0,
        **_judged(run, examples, given, wanted, alone),
    )


def _answered(folder: Path, path: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-B", "-E", "-s", str(folder.resolve() / "predict.py"), str(path)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=True)
        return [json.loads(line) for line in done.stdout.splitlines()]
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or ["without a word"]
        raise VertikitError(
            f"the program of the export ended with an error: {said[-1]}",
            "Tell the authors.",
            details=said[-8:],
        ) from error
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise VertikitError(
            f"the program of the export gave no answers ({type(error).__name__}).", "Tell the authors."
        ) from error


def _wanted(run: Run, examples: Examples, *, alone: bool) -> NDArray[np.float64]:
    """Answers [N, A] of the run, of its model alone where the export has no blend."""
    parts = run.parts
    raw = parts.raw(examples)
    if not alone:
        return parts.answers(raw, examples)
    found = parts.alone(raw)
    return found if parts.certainty is None else parts.certainty.apply(found)


def _apart(run: Run, given: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
    known = np.isfinite(wanted)
    if given.shape != wanted.shape or bool((np.isfinite(given) != known).any()):
        return math.inf
    scale = float(getattr(run.outcome, "deviation", 1.0))
    return float(np.abs(given - wanted)[known].max(initial=0.0)) / scale


def _frame(
    run: Run, answers: NDArray[np.float64], truth: NDArray[Any] | None, examples: Examples
) -> pd.DataFrame:
    frame = run.outcome.frame(answers, truth)
    return with_columns(frame, examples, run.parts.policy.needs)


def _judged(
    run: Run,
    examples: Examples,
    given: NDArray[np.float64],
    wanted: NDArray[np.float64],
    alone: bool,
) -> dict[str, Any]:
    """The primary metric of both, where the rows have the truth and it can be told of them."""
    name = str(run.metrics["primary"])
    metric = resolve_metrics([name], run.registry)[name]
    target = run.task.target.name
    if metric.learn is not None or target not in examples.column_names:
        return {}
    truth = run.outcome.truth(examples, target)
    usable = np.flatnonzero(run.outcome.usable(truth))
    if not len(usable) or any(each not in examples.table.column_names for each in metric.needs):
        return {}
    context = MetricContext(run.outcome.labels, run.outcome.scale, policy=run.recipe.policy.options)
    chosen = examples.take(usable)
    found, every = [], [wanted, given]
    if alone and run.parts.blend is not None:
        every.append(_wanted(run, examples, alone=False))
    for answers in every:
        frame = with_columns(run.outcome.frame(answers[usable], truth[usable]), chosen, metric.columns)
        value = metric.compute(frame, context)
        if not isinstance(value, float) or not math.isfinite(value):
            return {}
        found.append(value)
    return {"metric": name, **dict(zip(("run", "export", "whole"), found, strict=False))}


def _number(value: Any) -> float:
    return math.nan if value is None else float(value)
