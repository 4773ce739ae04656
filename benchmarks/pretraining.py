"""Pretraining without labels, with and without, where few rows are labelled; and what it costs on general text."""

from __future__ import annotations

import gzip
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

import vertikit
from benchmarks.results import Results
from benchmarks.rows import TASK, Rows, clean_rows
from benchmarks.scoring import macro_f1
from benchmarks.sets import data_folder

SETS = ("symptom2disease", "chemprot")
LABELLED = (64, 256)
UNLABELLED = 1500
GENERAL = 600
"""Texts of each general set whose likeness to each other is compared."""


def run(only: str = "") -> None:
    """Each set and each budget of labels: the same head on the same rows, the encoder pretrained or not."""
    results = Results("pretraining")
    for name in SETS:
        if only in name:
            rows = clean_rows(name)
            for count in LABELLED:
                results.keep(f"{name}, {count} labelled rows", _pair(rows, count))


def _pair(rows: Rows, count: int) -> dict[str, Any]:
    labelled = _drawn(rows.train, count)
    rest = rows.train.drop(labelled.index)["text"]
    texts = rest.sample(min(UNLABELLED, len(rest)), random_state=0)
    found: dict[str, Any] = {"labelled": len(labelled), "unlabelled": len(texts), "test": len(rows.test)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / "unlabelled.txt"
        file.write_text("\n".join(" ".join(text.split()) for text in texts), encoding="utf-8")
        files = replace(rows, train=labelled, valid=None).write(folder / "data")
        known = set(labelled["disease"])
        judged = rows.test[rows.test["disease"].isin(known)]
        judged.to_csv(files["test"], index=False)
        general = general_texts()
        for side, settings in (("without", {"epochs": 0}), ("with", {"epochs": 1, "data": str(file)})):
            done = vertikit.train(
                TASK, files["data"], test=files["test"], output=folder / side, progress=False, pretrain=settings,
                blend=None, evaluation={"bootstrap": 0}, cache=False,
                cleaning={"rare_classes": "quarantine"},
            )  # fmt: skip
            frame = pd.read_parquet(folder / side / "predictions.parquet")
            scored = macro_f1(frame["truth"].to_numpy(str), frame["disease"].to_numpy(str))
            found[side] = {**scored, "seconds": round(done.metrics["seconds"]["total"], 1)}
            features = {key: done.parts.encode(texts) for key, texts in general.items()}
            found[side]["features"] = features
            found["tfidf-logistic"] = done.metrics["baselines"]["tfidf-logistic"]["macro_f1"]["value"]
    before, after = (found[side].pop("features") for side in ("without", "with"))
    found["general"] = {key: kept_likeness(before[key], after[key]) for key in before}
    return found


def _drawn(table: pd.DataFrame, count: int) -> pd.DataFrame:
    """That many rows, at least two of a class where there is room, else classes as they occur."""
    random = np.random.default_rng(0)
    order = table.iloc[random.permutation(len(table))]
    first = order.groupby("disease", sort=True).head(2)
    if len(first) >= count:
        return first.head(count)
    rest = order.drop(first.index).head(count - len(first))
    return pd.concat([first, rest])


def general_texts() -> dict[str, list[str]]:
    """Texts of no trade: facts of everyday science, and turns of dialogue."""
    folder = data_folder()
    assert folder is not None
    education = folder.parent / "education"
    facts = (education / "openbookqa" / "openbook_facts.txt").read_text(encoding="utf-8").splitlines()
    with gzip.open(education / "cima" / "cima.csv.gz", "rt", encoding="utf-8") as file:
        turns = pd.read_csv(file)["tutor_response"].dropna().astype(str)
    found = {"openbookqa": [fact.strip(' "') for fact in facts], "cima": list(turns)}
    random = np.random.default_rng(0)
    return {
        name: [distinct[at] for at in random.permutation(len(distinct))[:GENERAL]]
        for name, texts in found.items()
        if (distinct := list(dict.fromkeys(text for text in texts if text)))
    }


def kept_likeness(before: Any, after: Any) -> float:
    """Spearman's correlation of the cosines of all pairs before and after: 1 where their order has stayed."""

    def cosines(features: Any) -> Any:
        unit = features / np.linalg.norm(features, axis=1, keepdims=True)
        return (unit @ unit.T)[np.triu_indices(len(unit), 1)]

    return round(float(spearmanr(cosines(before), cosines(after))[0]), 4)
