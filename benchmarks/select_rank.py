"""`vertikit select` beside the order that whole trainings give: rank correlation, and the time of both."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import f1_score

import vertikit
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows

SETS = ("symptom2disease", "chemprot")
ROWS, RESAMPLES = 1000, 500
CANDIDATES = [*(f"{{name: minilm, layers: {count}}}" for count in range(1, 6)), "minilm"]
CLASSICAL = "tfidf-logistic"


def run(only: str = "") -> None:
    """Each set: the ranking on a cold cache, then a whole training of every candidate."""
    results = Results("select_rank")
    for name in SETS:
        if only in name:
            results.keep(name, _set(clean_rows(name)))


def _set(rows: Rows) -> dict[str, Any]:
    import os

    from vertikit.prepare.prepared import Sources
    from vertikit.progress import SILENT
    from vertikit.select.candidates import named
    from vertikit.select.ranking import rank

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["VERTIKIT_CACHE"] = str(folder / "cache")
        files = rows.write(folder / "data")
        sources = Sources(
            (str(files["data"]),), tuple(str(files[each]) for each in ("valid",) if each in files),
            {"test": (str(files["test"]),)},
        )  # fmt: skip
        started = time.perf_counter()
        ranking = rank(TASK, sources, [], CANDIDATES, ROWS, SILENT)
        selecting = time.perf_counter() - started
        os.environ["VERTIKIT_CACHE"] = str(folder / "another")
        parts = {"valid": files["valid"]} if "valid" in files else {}
        said, started = {}, time.perf_counter()
        for text in CANDIDATES:
            done = vertikit.train(
                TASK, files["data"], test=files["test"], progress=False, **parts,
                output=folder / f"run-{len(said)}", backbone=named(text), blend=None, baselines=[CLASSICAL],
                evaluation={"bootstrap": 0},
            )  # fmt: skip
            said[text] = done
        training = time.perf_counter() - started
        return {
            "rows": len(rows.train),
            "test": len(rows.test),
            "sample": ranking.rows,
            "best": ranking.best.name,
            "reason": ranking.reason,
            "select_seconds": round(selecting, 1),
            "train_seconds": round(training, 1),
            **_agreement(ranking, said),
        }


def _agreement(ranking: Any, said: dict[str, Any]) -> dict[str, Any]:
    """Spearman's correlation with macro-F1 on test rows, intervals by resampling these rows; classical model among the
    candidates of the order, but not of LogME."""
    import pandas as pd

    frames = {name: pd.read_parquet(run.folder / "predictions.parquet") for name, run in said.items()}
    truth = next(iter(frames.values()))["truth"].to_numpy(str)
    answers = {name: frame["disease"].to_numpy(str) for name, frame in frames.items()}
    place = {each.name: -at for at, each in enumerate(ranking.standings)}
    evidence = {each.name: each.evidence for each in ranking.standings}
    classical = next(iter(said.values())).metrics["baselines"][CLASSICAL]["macro_f1"]["value"]
    names = list(said)

    def scores(at: Any) -> list[float]:
        return [
            float(f1_score(truth[at], answers[name][at], average="macro", zero_division=0)) for name in names
        ]

    whole = scores(np.arange(len(truth)))
    random = np.random.default_rng(0)
    drawn = [scores(random.integers(0, len(truth), len(truth))) for _ in range(RESAMPLES)]
    orders = {
        "by_evidence": [evidence[name] for name in names],
        "by_order": [place[name] for name in names],
    }
    found: dict[str, Any] = {
        "scores": {
            **{name: round(value, 4) for name, value in zip(names, whole, strict=True)},
            CLASSICAL: round(classical, 4),
        },
        "evidence": {name: round(evidence[name], 4) for name in names},
    }
    for key, order in orders.items():
        values = [float(spearmanr(order, each)[0]) for each in drawn]
        low, high = np.nanpercentile(values, [2.5, 97.5])
        found[key] = {
            "value": round(float(spearmanr(order, whole)[0]), 3), "ci95": [round(low, 3), round(high, 3)],
        }  # fmt: skip
    with_classical = [*whole, classical]
    found["by_order_with_classical"] = round(
        float(spearmanr([*orders["by_order"], place[CLASSICAL]], with_classical)[0]), 3
    )
    found["lost"] = round(max(with_classical) - found["scores"].get(ranking.standings[0].name, np.nan), 4)
    return found
