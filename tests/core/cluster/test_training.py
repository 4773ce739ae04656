"""One training by workers of Ray Train: the figures of one process."""

from __future__ import annotations

import json

import pytest

from vertikit.cli.entry import main


@pytest.mark.slow
@pytest.mark.enable_socket
def test_two_workers_train_one_run(notes, tiny_encoder, tmp_path, capsys):
    pytest.importorskip("ray")
    typed = [
        "train", "medical/diagnosis", "--data", str(notes), "--map", "id=note_id", "--set", f"backbone={tiny_encoder}",
        "--set", "strategy=full", "--set", "epochs=1", "--set", "blend=null", "--set", "baselines=[majority]",
        "--set", "evaluation.bootstrap=0", "--set", "cleaning.rare_classes=quarantine",
    ]  # fmt: skip
    assert main([*typed, "--output", str(tmp_path / "one")]) == 0
    assert main([*typed, "--output", str(tmp_path / "two"), "--engine", "ray", "--workers", "2"]) == 0
    assert str(tmp_path / "two") in capsys.readouterr().out
    one, two = (json.loads((tmp_path / each / "metrics.json").read_text()) for each in ("one", "two"))
    # Each process draws its dropout by itself, so the figures are near and not the same.
    assert two["epochs"][0]["valid_loss"] == pytest.approx(one["epochs"][0]["valid_loss"], rel=0.05)


@pytest.mark.slow
@pytest.mark.enable_socket
def test_an_error_of_a_worker_is_told_as_it_would_be_here(notes, tiny_encoder, tmp_path, capsys):
    pytest.importorskip("ray")
    typed = ["train", "medical/diagnosis", "--data", str(notes), "--set", f"backbone={tiny_encoder}"]
    assert main([*typed, "--output", str(tmp_path / "run"), "--engine", "ray", "--workers", "2"]) == 2
    assert "several processes have nothing to share" in capsys.readouterr().err
