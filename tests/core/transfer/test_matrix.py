"""Runs as starts for targets: the same figures as a training gives, cells that cannot be, going on where it ended."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import vertikit
import vertikit.training.anew as anew
from vertikit import UsageError, VertikitError
from vertikit.cli.entry import main
from vertikit.cli.transfer import read_targets
from vertikit.progress import SILENT
from vertikit.transfer.matrix import drawn, origins, transfer
from vertikit.transfer.page import page
from vertikit.transfer.told import PLAIN, Cell, Line, Matrix, Origin

QUICK = {"epochs": 2, "evaluation": {"bootstrap": 20}, "cleaning": {"rare_classes": "quarantine"}}
DIAGNOSIS, GRADING = "medical/diagnosis", "education/grading"


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    rng = np.random.default_rng(0)
    words = ["cough", "fever", "chest", "pain", "itch", "rash", "skin", "cold"]
    texts = [" ".join(rng.choice(words, 6)) for _ in range(160)]
    table = pd.DataFrame({"answer": texts, "reference": "cough and fever with chest pain"})
    table["grade"] = [str(min(2, sum(word in ("cough", "fever") for word in text.split()))) for text in texts]
    table["question"] = [f"q{at % 16}" for at in range(160)]
    path = tmp_path_factory.mktemp("grades") / "grades.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def grader(grades, tiny_encoder, tmp_path_factory):
    return vertikit.train(
        GRADING, grades, output=tmp_path_factory.mktemp("source") / "grader", progress=False,
        **{**QUICK, "backbone": str(tiny_encoder), "strategy": {"name": "lora", "rank": 4}, "blend": None,
           "optimiser": {"rate": 0.02}, "baselines": ["majority"]},
    )  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A run of a backbone that no other reads."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame(
        {"text": [" ".join(rng.choice(["itch", "rash", "cough", "cold"], 4)) for _ in range(90)]}
    )
    table["disease"] = ["skin" if "itch" in text else "lung" for text in table["text"]]
    table = table.drop_duplicates("text")
    return vertikit.train(
        DIAGNOSIS, table, output=tmp_path_factory.mktemp("small") / "ngrams", progress=False,
        backbone={"name": "ngrams", "buckets": 256, "width": 4}, strategy="full", blend=None, epochs=1,
        baselines=["majority"], evaluation={"bootstrap": 0},
    )  # fmt: skip


def targets_of(notes, *further):
    return read_targets([f"{DIAGNOSIS}={notes}", *further], [f"{DIAGNOSIS}:id=note_id"])


@pytest.fixture(scope="module")
def filled(notes, grader, small, tiny_encoder, tmp_path_factory):
    output = tmp_path_factory.mktemp("matrix") / "a"
    layers = [{**QUICK, "backbone": str(tiny_encoder)}]
    sources = origins([grader.folder, small.folder])
    return transfer(sources, targets_of(notes), layers, rows=None, output=output, progress=SILENT), output


def test_a_cell_has_the_figures_of_a_training_with_that_start(filled, notes, grader, tiny_encoder, tmp_path):
    [line] = filled[0].lines
    run = vertikit.train(
        DIAGNOSIS, notes, map={"id": "note_id"}, output=tmp_path / "run", progress=False, blend=None,
        **{**QUICK, "backbone": str(tiny_encoder), "baselines": ["majority"], "start": {"run": str(grader.folder)}},
    )  # fmt: skip
    start = run.metrics["start"]
    assert line.cell(PLAIN).score["value"] == pytest.approx(start["without"]["macro_f1"]["value"], abs=1e-6)
    assert line.cell("grader").score["value"] == pytest.approx(start["with"]["macro_f1"]["value"], abs=1e-6)
    assert line.cell("grader").difference["value"] == pytest.approx(start["difference"]["value"], abs=1e-6)
    assert line.cell("grader").kind == start["kind"]
    assert line.rows == run.metrics["rows"]["train"]


def test_a_pair_that_cannot_be_is_told_and_the_others_go_on(filled):
    cell = filled[0].lines[0].cell("ngrams")
    assert not cell.score and not cell.kind
    assert "has the encoder 'ngrams'" in cell.why
    written = json.loads((filled[1] / "matrix.json").read_text(encoding="utf-8"))
    assert [each["source"] for each in written["targets"][0]["cells"]] == ["grader", "ngrams"]
    assert written["targets"][0]["cells"][1]["why"] == cell.why
    told = page(filled[0], "a")
    assert "Transfer matrix" in told and "not possible" in told and "<svg" in told
    assert "http://" not in told.replace("http://www.w3.org", "")


def test_the_same_call_goes_on_and_trains_nothing_again(
    filled, notes, grader, small, tiny_encoder, monkeypatch
):
    def never(*_):
        raise AssertionError("trained again")

    monkeypatch.setattr(anew, "trained_anew", never)
    layers = [{**QUICK, "backbone": str(tiny_encoder)}]
    sources = origins([grader.folder])
    again = transfer(sources, targets_of(notes), layers, rows=None, output=filled[1], progress=SILENT)
    for name in (PLAIN, "grader"):
        assert again.lines[0].cell(name).score == filled[0].lines[0].cell(name).score
    with pytest.raises(AssertionError, match="trained again"):
        transfer(
            sources,
            targets_of(notes),
            [{**layers[0], "seed": 1}],
            rows=None,
            output=filled[1],
            progress=SILENT,
        )
    del small


def test_finished_cells_outlast_an_interruption(notes, grader, tiny_encoder, tmp_path, monkeypatch):
    plain, calls = anew.trained_anew, []

    def once(data, recipe, *others):
        calls.append(recipe.start.run)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return plain(data, recipe, *others)

    monkeypatch.setattr(anew, "trained_anew", once)
    layers = [{**QUICK, "backbone": str(tiny_encoder)}]
    arguments = (origins([grader.folder]), targets_of(notes), layers)
    with pytest.raises(KeyboardInterrupt):
        transfer(*arguments, rows=120, output=tmp_path / "m", progress=SILENT)
    written = json.loads((tmp_path / "m" / "matrix.json").read_text(encoding="utf-8"))
    assert written["targets"][0]["plain"]["score"]["value"] is not None
    assert written["targets"][0]["cells"][0]["why"] == "not trained yet"
    monkeypatch.setattr(anew, "trained_anew", lambda *own: calls.append(own[1].start.run) or plain(*own))
    found = transfer(*arguments, rows=120, output=tmp_path / "m", progress=SILENT)
    assert calls == [None, str(grader.folder), str(grader.folder)]
    assert found.lines[0].rows == 120 and found.lines[0].cell("grader").kind


def test_a_source_that_knows_the_targets_own_rows_is_told_of(grader, grades, tiny_encoder, tmp_path):
    layers = [{**QUICK, "backbone": str(tiny_encoder), "experts": []}]
    targets = read_targets([f"{GRADING}={grades}"], [])
    found = transfer(
        origins([grader.folder]), targets, layers, rows=60, output=tmp_path / "m", progress=SILENT
    )
    cell = found.lines[0].cell("grader")
    assert cell.known > found.lines[0].rows + found.lines[0].valid
    assert any("rows of this very data" in each for each in cell.notes)


def test_a_source_that_has_learnt_from_test_rows_fills_no_cell(probe_run, notes, tiny_encoder, tmp_path):
    layers = [{**QUICK, "backbone": str(tiny_encoder), "seed": 5}]
    with pytest.raises(VertikitError, match="no cell of the matrix") as caught:
        transfer(
            origins([probe_run.folder]),
            targets_of(notes),
            layers,
            rows=60,
            output=tmp_path / "m",
            progress=SILENT,
        )
    assert any("has learnt from" in each for each in caught.value.details)


def test_few_rows_are_drawn_in_the_proportions_of_the_classes_and_the_same_by_the_same_seed():
    strata = np.array(["a"] * 60 + ["b"] * 30 + ["c"] * 10, object)
    positions = np.arange(5, 100)
    found = drawn(positions, strata, 19, 0)
    assert len(set(found.tolist())) == 19 and np.isin(found, positions).all()
    counts = {name: int((strata[found] == name).sum()) for name in "abc"}
    assert counts == {"a": 11, "b": 6, "c": 2}
    assert np.array_equal(found, drawn(positions, strata, 19, 0))
    assert not np.array_equal(found, drawn(positions, strata, 19, 1))
    assert set(strata[drawn(positions, strata, 3, 0)]) == {"a", "b", "c"}
    assert np.array_equal(drawn(positions, strata, 1000, 0), positions)


def test_negative_transfer_is_warned_of_and_what_may_be_luck_is_not():
    cells = [
        Cell(PLAIN, {"value": 0.8}),
        Cell("bad", {"value": 0.7}, {"value": -0.1, "ci95": [-0.15, -0.05]}),
        Cell("meh", {"value": 0.79}, {"value": -0.01, "ci95": [-0.05, 0.02]}),
    ]
    line = Line(DIAGNOSIS, DIAGNOSIS, "a.csv", "macro_f1", rows=10, valid=5, tested=20, cells=cells)
    matrix = Matrix(tuple(Origin(name, name, GRADING, name) for name in ("bad", "meh")), (line,))
    [warning] = matrix.warnings
    assert "Negative transfer: started from bad" in warning
    told = page(matrix, "m")
    assert "negative transfer" in told and "lower, may be luck" in told


def test_the_command_prints_the_differences_and_where_they_lie(notes, grader, tiny_encoder, tmp_path, capsys):
    output = tmp_path / "m"
    arguments = ["transfer", "--from", str(grader.folder), "--to", f"{DIAGNOSIS}={notes}", "--map", "id=note_id",
                 "--rows", "100", "--output", str(output), "--set", f"backbone={tiny_encoder}", "--set", "epochs=1",
                 "--set", "evaluation.bootstrap=20", "--set", "cleaning.rare_classes=quarantine"]  # fmt: skip
    assert main(arguments) == 0
    told = capsys.readouterr().out
    assert f"{DIAGNOSIS}: macro_f1; 100 rows train" in told
    assert "the plain encoder" in told and "from grader" in told
    assert (output / "report.html").is_file()
    assert main([*arguments, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["targets"][0]["rows"] == 100


def test_columns_are_mapped_for_one_target_or_for_all_that_have_the_role():
    found = read_targets(
        [f"{DIAGNOSIS}=a.csv", f"{GRADING}=b.csv", f"{GRADING}=c.csv"],
        ["text=note", f"{GRADING}:answer=reply"],
    )
    assert [each.name for each in found] == [DIAGNOSIS, f"{GRADING} (b.csv)", f"{GRADING} (c.csv)"]
    assert [dict(each.sources.mapping) for each in found] == [
        {"text": "note"},
        {"answer": "reply"},
        {"answer": "reply"},
    ]


@pytest.mark.parametrize(
    ("targets", "mapping", "said"),
    [
        (["notes.csv"], [], "not of the form TASK=DATA"),
        (["medical/diagnoses=a.csv"], [], "medical/diagnoses"),
        ([f"{DIAGNOSIS}=a.csv", f"{DIAGNOSIS}=a.csv"], [], "twice"),
        ([f"{DIAGNOSIS}=a.csv"], ["grade=x"], "no target has a column 'grade'"),
        ([f"{DIAGNOSIS}=a.csv"], [f"{GRADING}:answer=x"], "is no target"),
    ],
)
def test_what_is_malformed_is_refused(targets, mapping, said):
    with pytest.raises(UsageError, match=said):
        read_targets(targets, mapping)


def test_a_folder_of_something_else_is_left_alone(notes, grader, tmp_path):
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(UsageError, match="something else"):
        transfer(origins([grader.folder]), targets_of(notes), [], rows=None, output=tmp_path, progress=SILENT)
    assert [each.name for each in Path(tmp_path).iterdir()] == ["mine.txt"]
    with pytest.raises(UsageError, match="twice"):
        origins([grader.folder, grader.folder])
