"""A watch from run and rows to verdict, page, numbers and exit status."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli import main
from vertikit.run.folder import sha256_of
from vertikit.watch.quality import Quality, against
from vertikit.watch.told import as_json, sentences, todo, verdict
from vertikit.watch.watching import MOVED
from vertikit_medical.samples.diagnosis import write


@pytest.fixture(scope="module")
def later(tmp_path_factory):
    """Notes of other patients by the same generator."""
    path = tmp_path_factory.mktemp("later") / "later.csv"
    write(path, rows=300, seed=2)
    rows = pd.read_csv(path, dtype=str)
    return rows.assign(patient="later-" + rows["patient"].astype(str))


@pytest.fixture(scope="module")
def steady(probe_run, later):
    return probe_run.watch(later)


@pytest.fixture(scope="module")
def moved(probe_run, later):
    """Another site, older patients, sex left out, and the words of another trade."""
    words = np.random.default_rng(0).choice(["pump", "bearing", "oil", "valve", "1200", "rpm"], (300, 12))
    return probe_run.watch(
        later.assign(
            site="seaside",
            age="88",
            sex=np.where(np.arange(300) % 3 == 0, later["sex"], None),
            text=[" ".join(line) for line in words],
        )
    )


@pytest.fixture(scope="module")
def older(probe_run, tmp_path_factory):
    """The run as a version without profiles left it."""
    folder = tmp_path_factory.mktemp("older") / "run"
    shutil.copytree(probe_run.folder, folder)
    for path in (folder / "model").glob("reference.*"):
        path.unlink()
    manifest = json.loads((folder / "task.json").read_text())
    manifest["files"] = {
        name: digest for name, digest in manifest["files"].items() if "model/reference." not in name
    }
    (folder / "task.json").write_text(json.dumps(manifest))
    return vertikit.load(folder)


def test_a_training_leaves_a_profile_without_any_of_its_values(probe_run, notes):
    files = probe_run.manifest["files"]
    assert files["model/reference.json"] == sha256_of(probe_run.folder / "model" / "reference.json")
    kept = (probe_run.folder / "model" / "reference.json").read_text()
    rows = pd.read_csv(notes, dtype=str)
    assert not any(value in kept for name in ("text", "patient", "note_id") for value in rows[name].dropna())
    size = sum(path.stat().st_size for path in (probe_run.folder / "model").glob("reference.*"))
    assert size < 100_000 and probe_run.metrics["seconds"]["reference"] > 0


def test_rows_like_those_of_training_do_not_alarm(steady):
    assert not steady.moved and not steady.risen
    names = {each.name for each in steady.compared}
    assert {"sex", "age", "site", "text: words", "text: language", "answer: disease"} <= names
    assert "text: content (as the encoder sees it)" in names
    assert verdict(steady).startswith("Nothing has moved") or steady.quality.loses


def test_what_has_moved_is_named_with_the_most_moved_first(moved):
    names = [each.name for each in moved.moved]
    assert {"site", "age", "text: content (as the encoder sees it)"} <= set(names)
    shifts = [each.shift for each in moved.moved]
    assert shifts == sorted(shifts, reverse=True)
    risen = {(each.name, each.kind) for each in moved.risen}
    assert ("site", "unknown") in risen and ("sex", "missing") in risen
    assert "moved" in verdict(moved) and list(todo(moved, "runs/a"))


def test_a_patients_rows_are_worth_less_than_their_number(steady):
    age = next(each for each in steady.compared if each.name == "age")
    assert age.worth_then < 0.6 * age.then and age.worth_now < 0.6 * age.now


def test_quality_is_that_of_an_evaluation_on_the_rows_that_are_new(probe_run, later, steady):
    own = steady.quality
    again = probe_run.evaluate(later)
    assert own.now["value"] == pytest.approx(again["test"]["macro_f1"]["value"], abs=0.03)
    assert own.then["value"] == pytest.approx(probe_run.metrics["test"]["macro_f1"]["value"])
    assert own.judged <= own.labelled and own.difference["ci95"][0] < own.difference["value"]


def test_without_labels_or_with_few_nothing_is_said_of_quality(probe_run, later):
    none = probe_run.watch(later.drop(columns="disease"))
    assert none.quality.why == "no disease has arrived" and none.quality.difference is None
    few = probe_run.watch(later.assign(disease=later["disease"].where(np.arange(300) < 12)))
    assert "cannot tell yet" in few.quality.why and not few.quality.loses


def test_a_loss_counts_beyond_luck_alone():
    test = {"value": 0.8, "ci95": [0.75, 0.85]}
    counted = Quality("f1", judged=500, then=test)
    assert against(counted, {"value": 0.6, "ci95": [0.55, 0.65]}).loses
    assert not against(counted, {"value": 0.76, "ci95": [0.7, 0.82]}).loses
    assert not against(counted, {"value": 0.95, "ci95": [0.94, 0.96]}).loses
    errors = Quality("mae", higher_is_better=False, judged=500, then=test)
    assert against(errors, {"value": 0.95, "ci95": [0.94, 0.96]}).loses


def test_rows_that_the_run_has_learnt_from_are_no_news(probe_run, notes, later):
    quarantined = probe_run.watch(str(notes), map={"id": "note_id"})
    tested = len(pd.read_parquet(probe_run.folder / "predictions.parquet"))
    assert quarantined.watched <= tested + 5 and quarantined.again > 200
    tests = pd.read_parquet(probe_run.folder / "predictions.parquet").row - 1
    known = pd.read_csv(notes, dtype=str).drop(index=tests).head(30)
    with pytest.raises(VertikitError, match="nothing in them is new"):
        probe_run.watch(known, map={"id": "note_id"})
    twice = probe_run.watch(pd.concat([later, later]))
    assert twice.watched == probe_run.watch(later).watched


def test_a_run_without_a_profile_is_watched_by_its_answers(older, later):
    found = older.watch(later)
    assert {each.side for each in found.compared} == {"answer"} and found.trained == 0
    assert any("no profile" in note for note in found.notes)
    assert found.quality.now is not None


def test_one_row_and_missing_ones_are_no_traceback(probe_run, later):
    assert not probe_run.watch(later.head(1)).moved
    with pytest.raises(VertikitError, match=r"no rows|none of"):
        probe_run.watch(later.head(0))
    with pytest.raises(VertikitError, match="none of the 5 rows"):
        probe_run.watch(later.head(5).assign(text=""))
    with pytest.raises(VertikitError, match="text"):
        probe_run.watch(pd.DataFrame({"reading": [1, 2]}))
    with pytest.raises(UsageError, match="no column of time"):
        probe_run.watch(later, since="2026-01-01")


def test_more_rows_than_asked_for_are_drawn_from(probe_run, later):
    found = probe_run.watch(later, rows=100)
    assert found.watched == 100 and any("at random" in note for note in found.notes)


def test_the_command_writes_page_and_numbers_and_its_status_tells(probe_run, later, tmp_path, capsys):
    data, output = tmp_path / "later.csv", tmp_path / "watch"
    later.assign(site="seaside", age="88").to_csv(data, index=False)
    assert main(["watch", str(probe_run.folder), str(data), "--output", str(output)]) == MOVED == 3
    out = capsys.readouterr().out
    assert "site" in out and "What to do" in out
    told = json.loads((output / "watch.json").read_text())
    assert told["alarm"] and {"site", "age"} <= set(told["moved"])
    page = (output / "report.html").read_text()
    assert "<svg" in page and "seaside" not in page
    assert main(["watch", str(probe_run.folder), str(data), "--json", "--psi", "10"]) in (0, 3)
    assert json.loads(capsys.readouterr().out)["psi"] == 10
    assert main(["watch", str(probe_run.folder), str(data), "--output", str(output)]) == 2
    assert main(["watch", str(probe_run.folder), str(tmp_path / "none.csv")]) in (1, 2)
    assert len(capsys.readouterr().err.strip().splitlines()) <= 8


def test_texts_and_names_of_patients_stand_in_nothing_that_is_written(moved):
    written = json.dumps(as_json(moved)) + " ".join(sentences(moved))
    assert "later-" not in written and "bearing" not in written
