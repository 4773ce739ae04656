"""Trials side by side: as many as were asked for, in one study, the recipe as it is among them."""

from __future__ import annotations

import json

import pytest

from vertikit.cli.entry import main


@pytest.mark.slow
@pytest.mark.enable_socket
def test_workers_make_the_trials_of_one_search(notes, tiny_encoder, tmp_path, capsys):
    pytest.importorskip("ray")
    typed = [
        "tune", "medical/diagnosis", "--data", str(notes), "--map", "id=note_id", "--set", f"backbone={tiny_encoder}",
        "--set", "epochs=2", "--set", "evaluation.bootstrap=20", "--set", "cleaning.rare_classes=quarantine",
        "--trials", "4", "--space", "optimiser.rate=0.0001..0.1", "--output", str(tmp_path / "search"), "--json",
    ]  # fmt: skip
    assert main([*typed, "--engine", "ray", "--workers", "2"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["number"] for each in told["trials"]] == [0, 1, 2, 3]
    assert all(each["state"] == "complete" for each in told["trials"])
    assert len({json.dumps(each["settings"], sort_keys=True) for each in told["trials"]}) == 4
