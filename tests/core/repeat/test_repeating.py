"""The same training on several splits: every row a test once, groups whole, and what it comes to."""

from __future__ import annotations

import json
import math
import shutil
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError
from vertikit.cli.entry import main
from vertikit.repeat.repeating import read_shape
from vertikit.repeat.summing import Turn, difference, summary


def typed(notes, quick, output, *more):
    settings = [f"backbone={quick['backbone']}", "epochs=2", "evaluation.bootstrap=50", "blend=null",
                "baselines=[majority]", "cleaning.rare_classes=quarantine"]  # fmt: skip
    chosen = [part for each in settings for part in ("--set", each)]
    return main(
        ["train", "medical/diagnosis", "--data", str(notes), "--map", "id=note_id", *chosen, "--output", str(output),
         *more]
    )  # fmt: skip


@pytest.fixture(scope="module")
def repeated(notes, quick, tmp_path_factory):
    output = tmp_path_factory.mktemp("repeated") / "runs"
    assert typed(notes, quick, output, "--repeat", "3") == 0
    return output


def test_every_row_is_a_test_once_and_no_patient_is_on_two_sides(repeated, notes):
    table = pd.read_csv(notes, dtype=str)
    tested, patients = [], []
    for fold in (1, 2, 3):
        run = vertikit.load(repeated / f"fold-{fold}-seed-0")
        rows = pd.read_parquet(run.folder / "predictions.parquet")["row"].tolist()
        tested += rows
        patients.append(set(table["patient"].iloc[[row - 1 for row in rows]].dropna()))
        assert run.recipe.split.fold == f"{fold}/3"
        assert run.predict(["cough"])["disease"].notna().all()
    assert not patients[0] & patients[1]
    assert not patients[2] & (patients[0] | patients[1])
    assert len(tested) == len(set(tested))
    whole = json.loads((repeated / "fold-1-seed-0" / "metrics.json").read_text())["rows"]
    assert len(tested) == whole["read"] - whole["quarantined"]


def test_the_summary_says_what_it_comes_to(repeated):
    found = json.loads((repeated / "summary.json").read_text(encoding="utf-8"))
    scores = [each["score"] for each in found["runs"]]
    assert found["mean"] == pytest.approx(np.mean(scores), abs=1e-5)
    assert found["deviation_over_folds"] == pytest.approx(np.std(scores, ddof=1), abs=1e-5)
    assert found["deviation_over_seeds"] is None
    low, high = min(scores), max(scores)
    assert low - 0.1 < found["pooled"]["value"] < high + 0.1
    assert "ci95" not in found["pooled"]  # rows of a patient are not independent
    assert found["difference"]["baseline"] == "majority"
    assert found["told"].startswith(f"macro_f1 is {found['mean']:.3f} over 3 runs")
    assert "Run by run" in (repeated / "repeat.html").read_text(encoding="utf-8")


def test_finished_folds_are_kept_and_the_missing_one_is_trained(repeated, notes, quick, tmp_path, capsys):
    output = tmp_path / "runs"
    shutil.copytree(repeated, output)
    before = (output / "fold-2-seed-0" / "metrics.json").read_text()
    shutil.rmtree(output / "fold-3-seed-0")
    assert typed(notes, quick, output, "--repeat", "3") == 2
    assert "Go on with --resume" in capsys.readouterr().err
    assert typed(notes, quick, output, "--repeat", "4", "--resume") == 2
    assert typed(notes, quick, output, "--repeat", "3", "--resume", "--set", "epochs=3") == 2
    assert "holds folds of other data, another recipe" in capsys.readouterr().err
    assert typed(notes, quick, output, "--repeat", "3", "--resume") == 0
    said = capsys.readouterr()
    assert "fold 3 of 3" in said.err
    assert "fold 2 of 3" not in said.err
    assert "all rows together" in said.out
    assert (output / "fold-2-seed-0" / "metrics.json").read_text() == before
    first, again = (json.loads((each / "summary.json").read_text()) for each in (repeated, output))
    assert first["mean"] == again["mean"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--repeat", "1"], "is no number of folds"),
        (["--repeat", "many"], "is no number of folds"),
        (["--repeat", "90"], "cannot be dealt into 90 parts"),
        (["--repeat", "3", "--set", "split=official"], "official"),
        (["--repeat", "3", "--set", "split.fold=4/3"], None),
    ],
)
def test_what_cannot_be_repeated_is_one_line(more, said, notes, quick, tmp_path, capsys):
    if said is None:
        more, said = ["--set", "split.fold=4/3"], "is no part of several"
    assert typed(notes, quick, tmp_path / "runs", *more) in (1, 2)
    shown = capsys.readouterr().err
    assert said in shown
    assert "Traceback" not in shown
    assert not (tmp_path / "runs").exists()


def test_a_split_in_time_takes_no_turns(tmp_path):
    from vertikit_finance.samples.fraud import write

    write(tmp_path / "payments.csv", rows=4_000, seed=1)
    with pytest.raises(UsageError, match="does not take turns"):
        vertikit.train("finance/fraud", tmp_path / "payments.csv", output=tmp_path / "run", progress=False,
                       split={"fold": "1/3"})  # fmt: skip


def test_shapes_are_folds_and_seeds():
    assert read_shape("5") == (5, 1)
    assert read_shape(" 10x3 ") == (10, 3)


def test_a_fold_whose_metric_is_not_defined_is_written_as_none():
    found = summary([turn(math.nan, 0.5), turn(0.6, 0.5, 2)])
    assert found["runs"][0]["score"] is None
    assert found["mean"] == pytest.approx(0.6)
    json.dumps(found, allow_nan=False)
    assert "not defined" in summary([turn(math.nan, math.nan), turn(math.nan, math.nan, 2)])["told"]


def turn(score, other, fold=1, seed=0):
    metrics = {
        "primary": "f", "higher_is_better": True, "test": {"f": {"value": score}},
        "baselines": {"b": {"f": {"value": other}}},
        "rows": {"train": 70, "valid": 10, "test": 20},
    }  # fmt: skip
    run = SimpleNamespace(
        metrics=metrics,
        folder=SimpleNamespace(name="r"),
        manifest={"task": "t"},
        labels=(),
        outcome=SimpleNamespace(kind="numbers"),
    )
    return Turn(run, fold, seed)


def test_the_interval_of_the_lead_is_wider_than_that_of_a_plain_t_test():
    leads = (0.02, 0.05, 0.03, 0.06, 0.04)
    turns = [turn(0.5 + each, 0.5, fold) for fold, each in enumerate(leads)]
    found = difference(turns, "f", "b", higher=True)
    assert found["value"] == pytest.approx(0.04)
    deviation = np.std([0.02, 0.05, 0.03, 0.06, 0.04], ddof=1)
    half = 2.776445 * deviation * math.sqrt(1 / 5 + 20 / 80)
    assert found["ci95"] == pytest.approx([0.04 - half, 0.04 + half], abs=1e-6)
    more = [
        turn(0.5 + each + 0.001 * way, 0.5, fold, 1 + way)
        for fold, each in enumerate(leads)
        for way in (-1, 1)
    ]
    assert difference(more, "f", "b", higher=True)["ci95"] == pytest.approx(
        found["ci95"]
    )  # seeds add no folds
    assert difference(turns, "f", "b", higher=False)["value"] == pytest.approx(-0.04)


def test_deviations_over_folds_and_seeds_are_told_apart():
    turns = [turn(0.5 + 0.1 * seed, 0.4, fold, seed) for seed in (0, 1) for fold in (1, 2)]
    found = summary(turns)
    assert found["deviation_over_folds"] == 0
    assert found["deviation_over_seeds"] == pytest.approx(np.std([0.5, 0.6], ddof=1), abs=1e-5)
    assert "by seed" in found["told"]
    assert found["pooled"]["value"] is None


@pytest.mark.slow
def test_every_seed_has_the_same_folds_and_the_command_alone_goes_on(
    notes, quick, tmp_path, capsys, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    recipe = (f"backbone={quick['backbone']}", "epochs=1", "evaluation.bootstrap=0", "blend=null",
              "baselines=[majority]", "cleaning.rare_classes=quarantine")  # fmt: skip
    settings = [word for each in recipe for word in ("--set", each)]
    command = ["train", "medical/diagnosis", "--data", str(notes), "--map", "id=note_id", *settings]
    command += ["--repeat", "2x2"]
    assert main(command) == 0
    (folder,) = (tmp_path / "runs").iterdir()
    rows = {
        each.name: pd.read_parquet(each / "predictions.parquet")["row"].tolist()
        for each in folder.glob("fold-*")
    }
    assert rows["fold-1-seed-0"] == rows["fold-1-seed-1"]
    assert rows["fold-2-seed-0"] == rows["fold-2-seed-1"]
    shutil.rmtree(folder / "fold-2-seed-1")
    capsys.readouterr()
    assert main([*command, "--resume"]) == 0
    assert [each.name for each in (tmp_path / "runs").iterdir()] == [folder.name]
    assert "fold 2 of 2, seed 1" in capsys.readouterr().err
