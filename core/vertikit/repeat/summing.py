"""What several runs of the same recipe come to together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vertikit.contracts import MetricContext
from vertikit.errors import VertikitError
from vertikit.evaluate.measuring import measure
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.run.results import rounded

if TYPE_CHECKING:
    from vertikit.run.run import Run


@dataclass(frozen=True)
class Turn:
    """A run, which part of how many was its test, and its seed."""

    run: Run
    fold: int
    seed: int

    def score(self, primary: str, baseline: str | None = None) -> float:
        """Of the model or a baseline on the test rows; NaN where it is not defined."""
        metrics = self.run.metrics
        found = metrics["test"] if baseline is None else metrics["baselines"].get(baseline, {})
        value = (found.get(primary) or {}).get("value")
        return math.nan if value is None else float(value)


def summary(turns: Sequence[Turn]) -> dict[str, Any]:
    """The content of summary.json: scores by run, mean, deviation over folds and over seeds apart, the pooled figure
    of the first seed's folds, and the difference to the best baseline."""
    primary = str(turns[0].run.metrics["primary"])
    higher = bool(turns[0].run.metrics["higher_is_better"])
    scores = np.array([turn.score(primary) for turn in turns])
    seeds = sorted({turn.seed for turn in turns})
    by_seed = [scores[[turn.seed == seed for turn in turns]] for seed in seeds]
    found: dict[str, Any] = {
        "task": turns[0].run.manifest["task"],
        "primary": primary,
        "higher_is_better": higher,
        "runs": [
            {"run": turn.run.folder.name, "fold": turn.fold, "seed": turn.seed, "score": score,
             "test_rows": turn.run.metrics["rows"]["test"]}
            for turn, score in zip(turns, scores.tolist(), strict=True)
        ],
        "mean": float(np.nanmean(scores)),
        "deviation_over_folds": float(np.mean([np.nanstd(each, ddof=1) for each in by_seed])),
        "deviation_over_seeds": (
            None if len(seeds) < 2 else float(np.std([np.nanmean(each) for each in by_seed], ddof=1))
        ),
        "pooled": pooled([turn for turn in turns if turn.seed == seeds[0]], primary),
    }  # fmt: skip
    names = list(turns[0].run.metrics["baselines"])
    means = {name: float(np.nanmean([turn.score(primary, name) for turn in turns])) for name in names}
    means = {name: value for name, value in means.items() if math.isfinite(value)}
    if means:
        best = (max if higher else min)(means, key=lambda name: means[name])
        found["baselines"] = means
        found["difference"] = {"baseline": best, **difference(turns, primary, best, higher=higher)}
    found["told"] = told(found)
    whole: dict[str, Any] = rounded(found)
    return whole


def difference(turns: Sequence[Turn], primary: str, baseline: str, *, higher: bool) -> dict[str, Any]:
    """The mean lead over a baseline, positive where the model is better, with the 95 % interval of the corrected
    resampled t-test over folds (Nadeau and Bengio 2003, doi:10.1023/A:1024068626366): these share most of their
    training rows, so that the plain one is too sure. Seeds of a fold have the same test rows, and count as one by
    their mean."""
    from scipy.stats import t

    sign = 1 if higher else -1
    leads: dict[int, list[float]] = {}
    for turn in turns:
        lead = sign * (turn.score(primary) - turn.score(primary, baseline))
        if math.isfinite(lead):
            leads.setdefault(turn.fold, []).append(lead)
    each = np.array([np.mean(own) for own in leads.values()])
    if len(each) < 2:
        return {"value": float(each.mean()) if len(each) else None, "why": "fewer than two folds"}
    rows = [turn.run.metrics["rows"] for turn in turns]
    shares = [row["test"] / max(1, row["train"] + row["valid"]) for row in rows]
    variance = float(each.var(ddof=1)) * (1 / len(each) + float(np.mean(shares)))
    half = float(t.ppf(0.975, len(each) - 1)) * math.sqrt(variance)
    mean = float(each.mean())
    return {"value": mean, "ci95": [mean - half, mean + half]}


def pooled(turns: Sequence[Turn], primary: str) -> dict[str, Any]:
    """The metric of all rows together, each answered by the run that had it as a test; or why there is none."""
    run = turns[0].run
    labels = run.labels
    if run.outcome.kind != "classes":
        return {"value": None, "why": "only answers of classes are put together"}
    if any(set(turn.run.labels) != set(labels) for turn in turns):
        return {"value": None, "why": "the runs do not answer by the same classes"}
    metric = resolve_metrics([primary], run.registry)[primary]
    target = run.task.target.name
    # Rows of a patient are not drawn one by one, and predictions do not say whose they are.
    grouped = (run.metrics.get("split") or {}).get("groups") is not None
    frames = []
    for turn in turns:
        said = pd.read_parquet(turn.run.folder / "predictions.parquet")
        answers = said[[f"{target}.p.{label}" for label in labels]].to_numpy(float)
        frames.append(run.outcome.frame(answers, said["truth"].tolist()))
    try:
        found: dict[str, Any] = measure(
            pd.concat(frames, ignore_index=True), {primary: metric}, MetricContext(labels, run.outcome.scale),
            resamples=0 if grouped else run.recipe.evaluation.bootstrap, seed=run.recipe.seed,
        )[primary]  # fmt: skip
    except (KeyError, ValueError, VertikitError) as error:
        return {"value": None, "why": str(error)}
    return {**found, "why": "no interval: rows of a group are not independent"} if grouped else found


def told(found: dict[str, Any]) -> str:
    """What it comes to, in one sentence."""
    name, runs = found["primary"], len(found["runs"])
    if not math.isfinite(found["mean"]):
        return f"{name} is not defined in any of the {runs} runs."
    said = f"{name} is {found['mean']:.3f} over {runs} runs, give or take {found['deviation_over_folds']:.3f} by fold"
    if found["deviation_over_seeds"] is not None:
        said += f" and {found['deviation_over_seeds']:.3f} by seed"
    lead = found.get("difference") or {}
    ends = lead.get("ci95")
    if ends:
        how = "better than" if ends[0] > 0 else "worse than" if ends[1] < 0 else "not to be told apart from"
        said += (
            f"; it is {how} {lead['baseline']} (lead {lead['value']:+.3f}, 95 % interval {ends[0]:+.3f} to "
            f"{ends[1]:+.3f})"
        )
    return said + "."
