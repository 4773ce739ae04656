"""Rows a second of predicting medical texts beside the usual ways to do it, and millions of table rows in parts."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import vertikit
from benchmarks.compress import KEPT
from benchmarks.fraud import DEFAULTS, OPTIONS
from benchmarks.kit import COMMAND, groups_of
from benchmarks.model_folder import minilm_folder
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows
from benchmarks.scoring import macro_f1, paired_difference
from benchmarks.table_sets import TABLES

TEXTS = "symptom2disease"
ROUNDS = 3
THREADS = 2
MILLIONS = (1, 3, 10)
SMALLER = {"onnx": "onnx", "int8": "int8", "small": "trim,layers,int8"}
"""Forms of the run that `compress` writes, by the folder, each with its method."""
Answer = Callable[[list[str]], list[str]]


def run(only: str = "") -> None:
    """Texts, then tables; each table size in a process of its own."""
    os.environ["OMP_NUM_THREADS"] = str(THREADS)
    results = Results("predicting")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(os.environ.get(KEPT) or folder)
        if only in TEXTS:
            results.keep(TEXTS, _texts(place / f"predicting-{TEXTS}"))
        if only in DEFAULTS:
            made = _table_run(place / f"predicting-{DEFAULTS}")
            for millions in MILLIONS:
                done = subprocess.run(
                    [sys.executable, "-m", "benchmarks.predicting_rows", made, str(millions)],
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                if done.returncode:
                    raise RuntimeError(done.stderr[-2000:])
                results.keep(f"{DEFAULTS}, {millions} million rows", json.loads(done.stdout.splitlines()[-1]))


def _texts(place: Path) -> dict[str, Any]:
    """Every contender answers the same test rows, in turns; medians of rows a second, and macro-F1."""
    import torch

    torch.set_num_threads(THREADS)
    rows = clean_rows(TEXTS)
    files = rows.write(place / "data")
    parts = [part for name, path in files.items() for part in (f"--{name}", path)]
    if not (place / "run").exists():
        _typed(place, "train", TASK, *parts, "--set", "blend=null", "--set", "baselines=[majority]",
               "--set", "evaluation.bootstrap=0", "--output", place / "run")  # fmt: skip
    for name, method in SMALLER.items():
        if not (place / name).exists():
            _typed(place, "compress", place / "run", *parts, "--method", method, "--output", place / name)
    contenders: dict[str, Answer] = {
        "pipeline": _pipeline(rows),
        "sentence-transformers": _sentences(rows),
        "vertikit": _kit(place / "run"),
        **{f"vertikit {method}": _kit(place / name) for name, method in SMALLER.items()},
    }
    texts = list(rows.test["text"])
    speeds: dict[str, list[float]] = {name: [] for name in contenders}
    answers: dict[str, list[str]] = {}
    for turn in range(ROUNDS + 1):
        for name, answer in contenders.items():
            started = time.perf_counter()
            said = answer(texts)
            seconds = time.perf_counter() - started
            if turn:  # the first turn warms up
                speeds[name].append(len(texts) / seconds)
            elif name != "pipeline":  # its head has learnt nothing: it is there for its speed
                answers[name] = said
    truth, groups = list(rows.test["disease"]), groups_of(rows)
    return {
        "rows": len(texts),
        "rounds": ROUNDS,
        "rows_per_second": {name: round(statistics.median(each), 1) for name, each in speeds.items()},
        "times_pipeline": _times(speeds, "pipeline"),
        "times_sentences": _times(speeds, "sentence-transformers"),
        "scores": {name: macro_f1(truth, said, groups) for name, said in answers.items()},
        "above_float": {
            name: paired_difference(truth, said, answers["vertikit"], groups)
            for name, said in answers.items()
            if name != "vertikit"
        },
    }


def _times(speeds: dict[str, list[float]], other: str) -> dict[str, float]:
    """How many times as fast as another, turn by turn; the median."""
    return {
        name: round(statistics.median(np.divide(each, speeds[other])), 2)
        for name, each in speeds.items()
        if name != other
    }


def _kit(folder: Path) -> Answer:
    import pandas as pd

    found = vertikit.load(folder)
    return lambda texts: [str(each) for each in found.predict(pd.DataFrame({"text": texts}))["disease"]]


def _sentences(rows: Rows) -> Answer:
    """`encode` as it comes, and scikit-learn's logistic regression on top."""
    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import LogisticRegression

    model = SentenceTransformer(str(minilm_folder()), device="cpu")
    model.max_seq_length = 256
    head = LogisticRegression(C=10.0, max_iter=2000)
    head.fit(model.encode(list(rows.train["text"]), show_progress_bar=False), rows.train["disease"])
    return lambda texts: [str(each) for each in head.predict(model.encode(texts, show_progress_bar=False))]


def _pipeline(rows: Rows) -> Answer:
    """`pipeline("text-classification")` with its defaults, a row at a time, on the same encoder and a head for as many
    classes."""
    from transformers import AutoModelForSequenceClassification, AutoTokenizer, pipeline

    model = AutoModelForSequenceClassification.from_pretrained(
        str(minilm_folder()), num_labels=int(rows.train["disease"].nunique())
    )
    tokenizer = AutoTokenizer.from_pretrained(str(minilm_folder()), model_max_length=256)
    classify = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    return lambda texts: [str(each["label"]) for each in classify(texts, truncation=True)]


def _table_run(place: Path) -> Path:
    """A network on the clients of a credit card, each row decided with its reasons."""
    if not (place / "run").exists():
        path = TABLES[DEFAULTS].path()
        settings = (
            "backbone=mlp",
            "blend=null",
            "experts=[]",
            "baselines=[majority]",
            "evaluation.bootstrap=0",
        )
        chosen = [part for each in settings for part in ("--set", each)]
        _typed(
            place,
            "train",
            "finance/fraud",
            "--data",
            path,
            *OPTIONS[DEFAULTS],
            *chosen,
            "--output",
            place / "run",
        )
    return place / "run"


def _typed(place: Path, *arguments: Any) -> None:
    """A command as a user types it."""
    shutil.rmtree(place / "cache", ignore_errors=True)
    done = subprocess.run(
        [COMMAND, *map(str, arguments)],
        env={**os.environ, "VERTIKIT_CACHE": str(place / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"vertikit {arguments[0]} failed: {done.stderr[-2000:]}")
