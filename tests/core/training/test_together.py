"""One training by two processes: the figures of one, and one run folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from vertikit.adapt import ranks

SETTINGS = {
    "strategy": "full",
    "epochs": 2,
    "patience": 0,
    "blend": "null",
    "baselines": "[majority]",
    "evaluation.bootstrap": "0",
    "cleaning.rare_classes": "quarantine",
    "head.dropout": "0.0",
}


def trained(launcher: list[str], notes: Path, encoder: Path, output: Path) -> dict[str, Any]:
    config = json.loads((encoder / "config.json").read_text())
    still = output.with_name("encoder")
    if not still.exists():  # without dropout, which is drawn anew in every process
        still.mkdir()
        for each in encoder.iterdir():
            (still / each.name).write_bytes(each.read_bytes())
        config |= {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
        (still / "config.json").write_text(json.dumps(config))
    chosen = [part for name, value in SETTINGS.items() for part in ("--set", f"{name}={value}")]
    done = subprocess.run(
        [*launcher, "-m", "vertikit", "train", "medical/diagnosis", "--data", str(notes), "--map", "id=note_id",
         *chosen, "--set", f"backbone={still}", "--output", str(output)],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("report.html") == 1
    found: dict[str, Any] = json.loads((output / "metrics.json").read_text())
    return found


@pytest.mark.slow
@pytest.mark.enable_socket
def test_two_processes_train_what_one_trains(notes, tiny_encoder, tmp_path):
    one = trained([sys.executable], notes, tiny_encoder, tmp_path / "one")
    torchrun = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--nproc_per_node",
        "2",
        "--master_port",
        "29655",
    ]
    two = trained(torchrun, notes, tiny_encoder, tmp_path / "two")
    assert [each["epoch"] for each in one["epochs"]] == [each["epoch"] for each in two["epochs"]]
    for alone, both in zip(one["epochs"], two["epochs"], strict=True):
        for name in ("valid_loss", "train_loss"):
            assert both[name] == pytest.approx(alone[name], rel=1e-3)
    tables = [pd.read_parquet(tmp_path / name / "predictions.parquet") for name in ("one", "two")]
    numbers = [table.select_dtypes("float").to_numpy() for table in tables]
    assert np.abs(numbers[0] - numbers[1]).max() < 1e-3
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_head_on_features_that_are_there_is_for_one_process(notes, tiny_encoder, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node", "2", "--master_port", "29656",
         "-m", "vertikit", "train", "medical/diagnosis", "--data", str(notes), "--set", f"backbone={tiny_encoder}",
         "--output", str(tmp_path / "run")],
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert done.stderr.count("several processes have nothing to share") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("size", "count"), [(5, 2), (4, 2), (1, 2), (2, 3)])
def test_the_shares_of_a_batch_are_the_batch(size, count, monkeypatch):
    monkeypatch.setenv("MASTER_ADDR", "127.0.0.1")
    monkeypatch.setenv("WORLD_SIZE", str(count))
    batch, found = list(range(10, 10 + size)), []
    for number in range(count):
        monkeypatch.setenv("RANK", str(number))
        own, counts = ranks.share(batch)
        assert len(own) == len(counts) >= 1
        found += [each for each, counted in zip(own, counts, strict=True) if counted]
    assert sorted(found) == batch


def test_one_process_has_all_of_it(monkeypatch):
    monkeypatch.delenv("RANK", raising=False)
    monkeypatch.setenv("WORLD_SIZE", "8")  # as a scheduler may set it for its own ends
    assert ranks.count() == 1 and ranks.is_first() and ranks.of_first("x") == "x"
    assert ranks.share([3, 4])[0] == [3, 4]
