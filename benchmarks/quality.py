"""Macro-F1 and seconds beside what one would use otherwise, on the same training and test rows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks import classical, setfit_peer
from benchmarks.kit import groups_of, score, train_command
from benchmarks.results import Results
from benchmarks.rows import Rows, clean_rows, few
from benchmarks.scoring import macro_f1

Entry = dict[str, object]
SHOTS, SEEDS = (4, 8, 16), (0, 1, 2)
REACTIONS = 1000
"""Test rows of chemprot by which the settings with few rows are judged."""


def run(only: str = "", again: bool = False) -> None:
    """All sides on all settings, the quick ones first; what is in the results already is left alone.

    Args:
        only: a part of keys such as `symptom2disease, 4 rows a class, seed 0/vertikit probe`.
        again: take what is there already once more.
    """
    results = Results("quality")
    for side, take in SIDES.items():
        for setting, make in settings():
            if side == FEW_SHOT and "rows a class" not in setting:
                continue
            key = f"{setting}/{side}"
            if all(part in key for part in only.split("+")) and (again or key not in results.entries):
                rows = make()
                try:
                    entry = take(rows)
                except RuntimeError as error:
                    # One side that fails must not cost the others' figures; the page shows the gap.
                    print(f"{key}: FAILED: {error}", flush=True)
                    continue
                results.keep(key, {"rows": len(rows.train), "test": len(rows.test), **entry})


def settings() -> Iterator[tuple[str, Callable[[], Rows]]]:
    """Name of a setting and how its rows are made."""
    yield "symptom2disease", partial(clean_rows, "symptom2disease")
    for count in SHOTS:
        for seed in SEEDS:
            yield f"symptom2disease, {count} rows a class, seed {seed}", partial(_few_symptoms, count, seed)
    for name in ("medical_abstracts", "nicta_piboso", "chemprot"):
        yield name, partial(clean_rows, name)
    for count in SHOTS[1:]:
        for seed in SEEDS:
            yield f"chemprot, {count} rows a class, seed {seed}", partial(_few_reactions, count, seed)


def _few_symptoms(count: int, seed: int) -> Rows:
    return few(clean_rows("symptom2disease"), count, seed)


def _few_reactions(count: int, seed: int) -> Rows:
    """Without the official validation part, which has a hundred times as many rows; and judged on part of the test."""
    rows = few(clean_rows("chemprot"), count, seed)
    known = set(rows.train["disease"])
    test = rows.test[rows.test["disease"].isin(known)].sample(REACTIONS, random_state=0).sort_index()
    return replace(rows, valid=None, test=test)


def _peer(take: Callable[[Rows], tuple[list[str], float]]) -> Callable[[Rows], Entry]:
    def entry(rows: Rows) -> Entry:
        predicted, seconds = take(rows)
        return {
            **macro_f1(list(rows.test["disease"]), predicted, groups_of(rows)),
            "seconds": round(seconds, 1),
        }

    return entry


def _kit(*settings: str) -> Callable[[Rows], Entry]:
    def entry(rows: Rows) -> Entry:
        with tempfile.TemporaryDirectory() as folder:
            done = train_command(
                rows,
                Path(folder),
                *settings,
                "baselines=[majority]",
                "evaluation.bootstrap=0",
                "cleaning.rare_classes=quarantine",
            )
            return {
                **score(done, rows),
                "seconds": round(done.model_seconds, 1),
                "command_seconds": round(done.command_seconds, 1),
                "epochs": len(done.metrics["epochs"]),
            }

    return entry


FEW_SHOT = "vertikit --few-shot"
SIDES: dict[str, Callable[[Rows], Entry]] = {
    "TF-IDF + logistic": _peer(classical.tfidf_logistic),
    "vertikit (default)": _kit(),
    FEW_SHOT: _kit("few_shot=true"),
    "vertikit probe, blend=null": _kit("blend=null"),
    "sentence-transformers + logistic": _peer(classical.sentence_logistic),
    "vertikit lora, blend=null": _kit("strategy=lora", "blend=null"),
    "SetFit": _peer(setfit_peer.setfit),
}
