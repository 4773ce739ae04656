"""Every strategy on one set: quality, what is trained, seconds, bytes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import vertikit
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows
from benchmarks.scoring import macro_f1

SET = "symptom2disease"
STRATEGIES: dict[str, Any] = {
    "probe": "probe",
    "bitfit": "bitfit",
    "ia3": "ia3",
    "lora": "lora",
    "lora, dora": {"name": "lora", "dora": True},
    "partial": "partial",
    "full": "full",
}


def run(only: str = "") -> None:
    """The default recipe of each strategy, without the blend."""
    results, rows = Results("strategies"), clean_rows(SET)
    for name, strategy in STRATEGIES.items():
        if only in name:
            results.keep(name, _taken(rows, strategy))


def _taken(rows: Rows, strategy: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = rows.write(folder / "data")
        done = vertikit.train(
            TASK, files["data"], test=files["test"], output=folder / "run", progress=False, strategy=strategy,
            blend=None, baselines=["majority"], evaluation={"bootstrap": 0}, cache=False,
        )  # fmt: skip
        frame = pd.read_parquet(folder / "run" / "predictions.parquet")
        cost, seconds = done.metrics["cost"], done.metrics["seconds"]
        return {
            **macro_f1(frame["truth"].to_numpy(str), frame["disease"].to_numpy(str)),
            "trained": cost["trainable"],
            "share": cost["trainable_share"],
            "seconds": round(seconds["features"] + seconds["train"], 1),
            "epochs": len(done.metrics["epochs"]),
            "bytes": cost["model_bytes"],
            "rows": len(rows.train),
            "test": len(rows.test),
        }
