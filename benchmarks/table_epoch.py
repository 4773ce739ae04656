"""One epoch of the tabular backbone by `vertikit.train`, beside a bare PyTorch loop on the same tensors."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.epoch_clock import clock_in_every_trainer
from benchmarks.results import Results

ROWS, COLUMNS, ROUNDS, BATCH = 30_000, 28, 3, 256


def run(only: str = "") -> None:
    """Both backbones, kit and loop in turn; the first round warms up and is left out."""
    results = Results("table_epoch")
    for name in ("tabm", "mlp"):
        if only in name:
            results.keep(name, measure(name))


def measure(name: str) -> dict[str, object]:
    """Seconds of an epoch of both, and their ratio by round."""
    table = _table()
    kit, loop = [], []
    for _ in range(ROUNDS + 1):
        kit.append(_kit_epoch(name, table))
        loop.append(_loop_epoch(name, table))
    ratios = [ours / theirs for ours, theirs in zip(kit[1:], loop[1:], strict=True)]
    return {
        "rows": ROWS,
        "columns": COLUMNS,
        "kit_seconds": [round(each, 2) for each in kit[1:]],
        "loop_seconds": [round(each, 2) for each in loop[1:]],
        "times_loop": round(statistics.median(ratios), 3),
    }


def _table() -> pd.DataFrame:
    random = np.random.default_rng(0)
    table = pd.DataFrame(random.normal(size=(ROWS * 2, COLUMNS)), columns=[f"x{at}" for at in range(COLUMNS)])
    table["fraud"] = (random.random(ROWS * 2) < 0.1).astype(int)
    return table


def _kit_epoch(name: str, table: pd.DataFrame) -> float:
    import vertikit

    with tempfile.TemporaryDirectory() as folder, clock_in_every_trainer() as clock:
        vertikit.train(
            "finance/fraud",
            table.iloc[:ROWS],
            valid=table.iloc[ROWS : ROWS + 500],
            test=table.iloc[ROWS + 500 : ROWS + 1000],
            output=Path(folder) / "run",
            progress=False,
            backbone=name,
            epochs=1,
            refit="never",
            blend=None,
            experts=[],
            baselines=["majority"],
            evaluation={"bootstrap": 0},
        )
    return float(clock.seconds[0])


def _loop_epoch(name: str, table: pd.DataFrame) -> float:
    """The same module and optimiser, batches in random order, and nothing else."""
    import torch

    from vertikit.table_columns import Number
    from vertikit_plugins.backbones.table import mlp, tabm

    columns = [Number(each) for each in table.columns if each != "fraud"]
    values = {each.name: table[each.name].to_numpy()[:ROWS] for each in columns}
    backbone = (tabm if name == "tabm" else mlp)().build()
    backbone.fit(columns, values)
    items = backbone.items(values)
    target = torch.tensor(table["fraud"].to_numpy()[:ROWS])
    head = torch.nn.Linear(backbone.info.width, 2)
    parameters = [*backbone.module.parameters(), *head.parameters()]
    optimiser = torch.optim.AdamW(parameters, lr=2e-3, weight_decay=3e-4)
    order = np.random.default_rng(0).permutation(ROWS)
    backbone.module.train()
    started = time.perf_counter()
    for start in range(0, ROWS, BATCH):
        at = order[start : start + BATCH]
        raw = head(backbone.module(**items.collate(at)).pooled)
        wanted = target[at]
        if raw.dim() == 3:
            raw, wanted = raw.flatten(0, 1), wanted.repeat_interleave(raw.shape[1])
        loss = torch.nn.functional.cross_entropy(raw, wanted)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
    return time.perf_counter() - started
