"""Probe, ten epochs, cold cache, beside the plain script and beside one bare forward pass of the rows."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import pandas as pd

from benchmarks.kit import groups_of, score, train_command
from benchmarks.results import Results
from benchmarks.rows import Rows, clean_rows
from benchmarks.scoring import macro_f1

EPOCHS = 10
PLAIN_RATE = 5e-3
"""Of the plain script's head: ten epochs at the usual 1e-3 leave it far from trained."""
ROWS = {"nicta_piboso": 2400, "medical_abstracts": None}
"""Training and validation rows at most; None: all."""


def run(only: str = "", epochs: int = EPOCHS) -> None:
    """Both sets; with fewer than ten `epochs`, the plain script's seconds are drawn out to ten."""
    results = Results("probe_speed")
    for name, limit in ROWS.items():
        if only in name:
            results.keep(name, measure(_rows(name, limit), epochs))


def _rows(name: str, limit: int | None) -> Rows:
    rows = clean_rows(name, test=0.1)
    train = rows.train
    valid = rows.valid
    if valid is None:
        train = train.sample(frac=1, random_state=0)
        count = round(0.15 * len(train))
        train, valid = train.iloc[count:], train.iloc[:count]
    if limit is not None:
        train = train.sample(round(0.85 * limit), random_state=0)
        valid = valid.sample(limit - len(train), random_state=0)
    return replace(
        rows, train=train, valid=valid, test=rows.test.sample(min(len(rows.test), 500), random_state=0)
    )


def measure(rows: Rows, epochs: int) -> dict[str, object]:
    """Kit, bare pass, kit's rows through the plain script; all on the same rows, one after the other."""
    from benchmarks.plain_trainer import Script, run_script
    from benchmarks.windows import bare_pass

    assert rows.valid is not None
    texts = list(pd.concat([rows.train, rows.valid, rows.test])["text"])
    bare = [bare_pass(texts)]
    with tempfile.TemporaryDirectory() as folder:
        kit = train_command(
            rows,
            Path(folder),
            "strategy=probe",
            "blend=null",
            f"epochs={EPOCHS}",
            "patience=0",
            "cleaning.rare_classes=quarantine",
        )
    bare.append(bare_pass(texts))
    plain = run_script(
        Script(adapters=False, epochs=epochs, rate=PLAIN_RATE, optimiser="adamw_torch"),
        rows.train,
        rows.valid,
        rows.test,
    )
    plain_seconds = plain.seconds * EPOCHS / epochs + plain.test_seconds
    seconds = [each["seconds"] for each in bare]
    return {
        "rows": {"train": len(rows.train), "valid": len(rows.valid), "test": len(rows.test)},
        "kit_seconds": round(kit.model_seconds, 1),
        "kit_features": round(kit.metrics["seconds"]["features"], 1),
        "kit_train": round(kit.metrics["seconds"]["train"], 1),
        "command_seconds": round(kit.command_seconds, 1),
        "command_parts": {key: round(value, 1) for key, value in kit.metrics["seconds"].items()},
        "plain_seconds": round(plain_seconds, 1),
        "plain_epochs": epochs,
        "plain_rate": PLAIN_RATE,
        "bare_seconds": [round(each, 1) for each in seconds],
        "bare_tokens": bare[0]["tokens"],
        "faster_than_plain": round(plain_seconds / kit.model_seconds, 2),
        "times_bare": round(kit.model_seconds / (sum(seconds) / 2), 3),
        "kit": score(kit, rows),
        "plain": macro_f1(list(rows.test["disease"]), plain.predicted, groups_of(rows)),
    }
