"""A run made smaller: what of it stays, what is trained again, what stands beside it, and what is refused."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli.entry import main

TRAINED = {"strategy": "lora", "epochs": 2, "blend": None, "baselines": ["majority"]}


@pytest.fixture(scope="module")
def whole(notes, quick, tmp_path_factory):
    output = tmp_path_factory.mktemp("whole") / "run"
    return vertikit.train(
        "medical/diagnosis",
        notes,
        map={"id": "note_id"},
        output=output,
        progress=False,
        **{**quick, **TRAINED},
    )


def compress(run, notes, output, *more):
    return main(["compress", str(run.folder), "--data", str(notes), "--output", str(output), *map(str, more)])


@pytest.fixture
def unmeasured(monkeypatch):
    """Runs are not measured, which takes half a minute."""
    monkeypatch.setattr("vertikit.training.compared.measured_apart", lambda *_: "not in this test")


@pytest.fixture(scope="module")
def quantised(whole, notes, tmp_path_factory):
    output = tmp_path_factory.mktemp("int8") / "run"
    assert compress(whole, notes, output, "--method", "trim,int8") == 0
    return vertikit.load(output)


def test_where_nothing_is_taken_away_nothing_is_trained_and_answers_hardly_change(quantised, whole, notes):
    found = quantised.metrics["compression"]
    assert [each["name"] for each in found["steps"]] == ["trim", "int8"]
    assert not found["trained"]
    assert quantised.metrics["epochs"] == []
    texts = pd.read_csv(notes)["text"].dropna().tolist()[:20]
    both = [run.predict(texts).filter(like="disease.p.").to_numpy() for run in (whole, quantised)]
    assert np.abs(both[0] - both[1]).max() < 0.1
    assert not np.array_equal(*both)
    head = "model/head.safetensors"
    assert quantised.manifest["files"][head] == whole.manifest["files"][head]


def test_both_are_measured_on_the_same_rows_each_in_a_process_of_its_own(quantised, whole):
    found = quantised.metrics["compression"]
    assert found["before"]["test"]["macro_f1"]["value"] == pytest.approx(
        whole.metrics["test"]["macro_f1"]["value"]
    )
    assert found["after"]["test"]["macro_f1"] == quantised.metrics["test"]["macro_f1"]
    less = found["after"]["test"]["macro_f1"]["value"] - found["before"]["test"]["macro_f1"]["value"]
    assert found["difference"]["value"] == pytest.approx(less, abs=1e-5)
    for side in ("before", "after"):
        assert found[side]["memory"] > 0
        assert 0 < found[side]["p50"] <= found[side]["p95"]
        assert found[side]["rows_per_second"] > 0
    assert "no smaller" in found["told"][0]  # so tiny an encoder is less than what a graph says of itself
    page = (quantised.folder / "report.html").read_text(encoding="utf-8")
    assert "Made smaller" in page
    assert "the run it was made of" in page


def test_a_smaller_run_needs_the_other_no_more(quantised, tmp_path, monkeypatch):
    copy = tmp_path / "alone"
    shutil.copytree(quantised.folder, copy)
    monkeypatch.setattr("vertikit.training.compressing.load", None)
    assert vertikit.load(copy).predict(["cough"]).equals(quantised.predict(["cough"]))
    assert not list(copy.glob("model/**/*adapter*"))
    assert "compress" in (copy / "recipe.yaml").read_text(encoding="utf-8")


def test_what_was_taken_away_is_made_up_for_by_training_what_is_left(whole, notes, tmp_path, capsys):
    output = tmp_path / "run"
    steps = "compress.steps=[{name: layers, keep: 1}, onnx]"
    assert compress(whole, notes, output, "--set", steps, "--set", "epochs=2") == 0
    found = vertikit.load(output)
    assert found.metrics["compression"]["trained"]
    assert len(found.metrics["epochs"]) == 2
    assert found.recipe.strategy.name == "full"
    assert found.metrics["cost"]["parameters"] < whole.metrics["cost"]["parameters"]
    said = capsys.readouterr()
    assert "1 of 2 layers" in said.err
    assert "the run it was made of" in said.out
    assert "Before:" in said.out
    again = vertikit.load(output).predict(["cough and fever", "itch"])
    assert again["disease"].notna().all()


@pytest.mark.usefixtures("unmeasured")
def test_a_probe_keeps_its_strategy_of_a_head_on_frozen_features(probe_run, notes, tmp_path):
    output = tmp_path / "run"
    assert compress(probe_run, notes, output, "--method", "trim", "--set", "evaluation.bootstrap=20") == 0
    found = vertikit.load(output)
    assert found.metrics["epochs"]
    test = [run.metrics["test"]["macro_f1"]["value"] for run in (found, probe_run)]
    assert test[0] == pytest.approx(test[1], abs=0.02)


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.slow
def test_a_budget_takes_the_best_on_validation_rows_and_shows_what_was_tried(whole, notes, tmp_path, capsys):
    output = tmp_path / "run"
    limits = ["--budget", "size<1MB,drop<100", "--method", "trim,layers"]
    assert compress(whole, notes, output, *limits, "--set", "compress.trials=2", "--set", "epochs=1") == 0
    run = vertikit.load(output)
    tried = run.metrics["compression"]["tried"]
    taken = [each for each in tried if each["chosen"]]
    assert len(taken) == 1
    assert sum(each["trained"] for each in tried) == 2
    assert run.recipe.compress.budget == "size<1MB,drop<100"
    assert run.recipe.compress.steps[0].name == "trim"
    assert all(each["size"] < 1e6 for each in tried if each["trained"])
    assert "Candidates for the budget" in (run.folder / "report.html").read_text(encoding="utf-8")
    assert "the best within it is" in capsys.readouterr().err


def test_a_budget_that_nobody_can_meet_says_how_near_the_nearest_came(whole, notes, tmp_path, capsys):
    output = tmp_path / "run"
    assert compress(whole, notes, output, "--budget", "size<1kB", "--method", "trim,layers") == 1
    said = capsys.readouterr().err
    assert "meets the budget 'size<1kB'" in said
    assert "(beyond size<1kB)" in said
    assert not output.exists()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing is to be done"),
        (["--method", "int9"], "there is no compressor 'int9'"),
        (["--method", "trim,trim"], "names a compressor twice"),
        (["--budget", "size<"], "is no limit"),
        (["--set", "compress.steps=[int8, layers]"], "layers cannot follow int8"),
        (["--set", "compress.steps=[{name: layers, keep: 7}]"], "cannot be kept as fewer"),
        (["--method", "trim", "--set", "strategy=lora"], "cannot train what is left"),
        (["--method", "trim", "--set", "seed=5"], "has learnt from"),
    ],
)
def test_what_cannot_be_done_is_one_line(arguments, said, whole, notes, tmp_path, capsys):
    assert compress(whole, notes, tmp_path / "run", *arguments) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "run").exists()


def test_a_smaller_run_is_not_made_smaller_again(quantised, notes, tmp_path, capsys):
    assert compress(quantised, notes, tmp_path / "run", "--method", "layers") == 2
    assert "is a smaller form of" in capsys.readouterr().err


def test_a_damaged_graph_is_found_when_the_run_is_loaded(quantised, tmp_path):
    copy = tmp_path / "damaged"
    shutil.copytree(quantised.folder, copy)
    graph = next(copy.glob("model/**/encoder.onnx"))
    graph.write_bytes(graph.read_bytes()[:-100])
    with pytest.raises(VertikitError, match="has changed since the run was made"):
        vertikit.load(copy)


def test_steps_without_a_run_are_refused(notes, quick, tmp_path):
    with pytest.raises(UsageError, match=r"need compress\.run"):
        vertikit.train(
            "medical/diagnosis", notes, output=tmp_path / "run", progress=False,
            **{**quick, "compress": {"steps": ["trim"]}},
        )  # fmt: skip


def test_where_a_step_costs_no_time_it_is_said():
    from vertikit.training.compared import told

    alike = {"bytes": 100, "p50": 2.0, "rows_per_second": 10.0}
    said = told({"before": alike, "after": {**alike, "bytes": 50}})
    assert "2.0 times smaller" in said[0]
    assert "no faster here" in said[1]
    assert "no smaller" in told({"before": alike, "after": alike})[0]
    assert json.dumps(said)


def test_the_recipe_of_a_smaller_run_leaves_out_how_the_other_came_to_its_own(whole):
    from vertikit.training.smaller import compress_layers

    own = whole.recipe.model_copy(update={"few_shot": True})
    whole.__dict__["recipe"], before = own, whole.recipe
    try:
        (found,) = compress_layers(whole, ["trim"], None, [])
    finally:
        whole.__dict__["recipe"] = before
    assert not {"few_shot", "start", "pretrain", "teacher"} & set(found)
    assert found["strategy"] == "frozen"
    assert found["head"]["name"] == whole.recipe.head.name


@pytest.mark.usefixtures("unmeasured")
def test_a_table_that_was_not_refitted_is_put_into_eight_bits_as_it_is(tmp_path):
    from tests.core.adapt.test_pretraining import table_rows

    table_rows(500).to_csv(tmp_path / "t.csv", index=False)
    whole = vertikit.train(
        "finance/fraud", tmp_path / "t.csv", output=tmp_path / "run", progress=False, experts=[], blend=None,
        backbone={"name": "mlp", "width": 64}, strategy="full", refit="never", epochs=2, baselines=["majority"],
        evaluation={"bootstrap": 0},
    )  # fmt: skip
    assert compress(whole, tmp_path / "t.csv", tmp_path / "small", "--method", "int8") == 0
    small = vertikit.load(tmp_path / "small")
    assert small.metrics["epochs"] == []
    assert not small.metrics["compression"]["trained"]
    rows = table_rows(50, seed=2)
    far = (small.predict(rows)["fraud.p.fraud"] - whole.predict(rows)["fraud.p.fraud"]).abs().max()
    assert 0 < far < 0.05
