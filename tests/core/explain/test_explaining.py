"""An explanation from run and rows to page and numbers, and what it says where something is not to be had."""

from __future__ import annotations

import json
from dataclasses import replace
from html import unescape

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli import main
from vertikit.explain import attribution
from vertikit.explain.explaining import Adapted, Explained, Given, explain, pairs
from vertikit.explain.told import as_json, sentences
from vertikit.explain.weights import REST
from vertikit.progress import SILENT


def given(rows, mapping=None):
    return Given(
        (rows if isinstance(rows, pd.DataFrame) else str(rows),), mapping or {"id": "note_id"}, (), ""
    )


@pytest.fixture(scope="module")
def run(notes, quick, tmp_path_factory):
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path_factory.mktemp("runs") / "full",
        progress=False, **{**quick, "strategy": "full", "epochs": 3},
    )  # fmt: skip


@pytest.fixture(scope="module")
def tested(run, notes):
    """The run's own test rows: it has learnt from none of them."""
    rows = pd.read_parquet(run.folder / "predictions.parquet").row.to_numpy()
    return pd.read_csv(notes, dtype=str).iloc[rows - 1].reset_index(drop=True)


@pytest.fixture(scope="module")
def whole(run, tested, notes):
    return explain(run, given(tested), given(notes), rows=6, progress=SILENT)


def test_every_block_that_changed_is_put_back_and_what_that_costs_is_told(whole, run, tested):
    assert whole.judged == len(tested)
    moved = [each.name for each in whole.adapted.changes if each.moved]
    assert [each.name for each in whole.adapted.reverted] == moved and len(moved) >= 4
    alone = run.metrics["alone"]["macro_f1"]["value"]
    assert whole.adapted.score["value"] == pytest.approx(alone, abs=1e-4)
    for each in whole.adapted.reverted:
        assert each.lost["value"] == pytest.approx(alone - each.score["value"], abs=1e-4)
        assert each.loss["ci95"][0] <= each.loss["value"] <= each.loss["ci95"][1]
    assert any(abs(each.loss["value"]) > 1e-4 for each in whole.adapted.reverted)
    own = whole.adapted.correlations
    # What stands in no block gives no outputs of its own.
    assert (
        own["norm"]["loss"]["blocks"] == len(moved) and own["outputs"]["metric"]["blocks"] == len(moved) - 1
    )
    assert all(0 <= each.kept <= 1.000001 for each in whole.adapted.changes if each.kept is not None)


def test_a_control_starts_where_the_run_did_and_learns_from_shuffled_labels(whole):
    own, other = whole.adapted, whole.control
    assert [each.name for each in own.changes] == [each.name for each in other.changes]
    assert [each.parameters for each in own.changes] == [each.parameters for each in other.changes]
    norms = [[each.norm for each in side.changes] for side in (own, other)]
    assert max(np.subtract(*norms)) > 1e-4 and min(norms[1]) > 0
    assert other.score["value"] < own.score["value"]
    assert set(whole.against) == set(whole.lead) == {"metric", "loss"}
    told = " ".join(sentences(whole))
    assert "shuffled labels" in told and "so few that the interval is wide" in told


def test_the_same_explanation_comes_again(whole, run, tested, notes):
    again = explain(run, given(tested), given(notes), rows=6, progress=SILENT)
    assert as_json(again, values=False) == as_json(whole, values=False)


@pytest.mark.parametrize(
    ("own", "other", "said"),
    [
        (list(range(12)), [5, 1, 9, 0, 11, 3, 7, 2, 10, 4, 8, 6], "tells learning from the mere fitting of noise here"),
        (list(range(12)), list(range(12)), "not what it learnt"),
        ([5, 1, 9, 0, 11, 3, 7, 2, 10, 4, 8, 6], list(range(12)), "is not shown"),
    ],
)  # fmt: skip
def test_the_sentence_on_the_control_says_what_the_figures_do(whole, own, other, said):
    from vertikit.explain.changes import Change
    from vertikit.explain.explaining import _beside, _correlation
    from vertikit.explain.reverting import Reverted
    from vertikit.explain.told import controlled

    def side(norms, losses):
        changed = [Change(str(at), 1, norm + 1.0, None, None) for at, norm in enumerate(norms)]
        worth = [Reverted(str(at), {}, {"value": loss}, {"value": loss}) for at, loss in enumerate(losses)]
        made = Adapted(changed, worth)
        return replace(made, correlations={"norm": {"loss": _correlation(made, made, "norm", "loss", 0)}})

    ours, theirs = side(own, range(12)), side(other, range(12))
    found = replace(whole, adapted=ours, control=theirs, **_beside(ours, theirs, 0))
    assert controlled(found).rstrip(".").endswith(said)


def test_private_values_stay_out_unless_they_are_asked_for(run, tested, tmp_path, capsys):
    rows = tmp_path / "rows.csv"
    few = tested.head(15)
    few.to_csv(rows, index=False)
    secret = max((word for text in few.text for word in text.split()), key=len)
    for folder, more in (("hidden", []), ("shown", ["--show-values"])):
        options = ["--data", str(rows), "--map", "id=note_id", "--rows", "100", *more]
        status = main(["explain", str(run.folder), *options, "--output", str(tmp_path / folder)])
        assert status == 0
        out = capsys.readouterr().out
        page = unescape((tmp_path / folder / "explain.html").read_text(encoding="utf-8"))
        table = pd.read_parquet(tmp_path / folder / "rows.parquet")
        numbers = (tmp_path / folder / "changes.json").read_text(encoding="utf-8")
        shown = bool(more)
        assert (secret in table.value.str.cat(sep=" ")) is shown
        assert (table.value.str.len() > 0).any() == shown
        if not shown:
            assert secret not in page and secret not in numbers and secret not in out
            assert not any(text in page for text in few.text)
            assert "--show-values shows them" in page
        assert table.column.eq("text").all() and table.place.str.startswith("word").all()
        assert len(table.row.unique()) == 15
        assert json.loads(numbers)["rows"]["faithful"]["rows"] == 15
        assert "<mark" in page if shown else "<mark" not in page
    assert "What changed, block by block" in page and "data:" not in page.split("</style>")[0]


def test_a_frozen_encoder_changed_nothing_and_its_rows_are_explained_all_the_same(probe_run, tested, notes):
    found = explain(probe_run, given(tested), given(notes), rows=2, progress=SILENT)
    assert found.adapted.reverted == [] and found.control is None
    assert any("left the encoder as it was" in each for each in found.notes)
    assert any("control is left out" in each for each in found.notes)
    assert len(found.reasons) == 2 and found.blend["with"] == "tfidf-logistic"
    assert explain(probe_run, None, None, rows=2, progress=SILENT).reasons == []


def test_without_labels_or_with_rows_that_were_learnt_from_no_block_is_judged(run, tested, notes):
    bare = explain(run, given(tested.drop(columns="disease")), None, rows=1, progress=SILENT)
    (note,) = bare.notes
    assert note.startswith("What each block is worth is not told") and "disease" in note
    assert bare.reasons and all(each.kept is not None for each in bare.adapted.changes if each.name != REST)
    table = pd.read_csv(notes, dtype=str)
    known = table[~table.note_id.isin(tested.note_id)]
    learnt = explain(run, given(known.head(40)), None, rows=1, progress=SILENT)
    (note,) = learnt.notes
    assert "has learnt from all" in note and learnt.judged == 0 and learnt.adapted.correlations == {}
    some = explain(run, given(pd.concat([tested, known.head(10)])), None, rows=0, progress=SILENT)
    assert some.judged == len(tested) and any("judge no block" in each for each in some.notes)


def test_rows_that_cannot_be_used_are_told_in_one_line(run, tmp_path):
    with pytest.raises(VertikitError, match=r"none of the 2 rows can be used"):
        explain(run, given(pd.DataFrame({"text": ["", " "]}), {}), None, rows=1, progress=SILENT)
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(VertikitError) as raised:
        explain(run, given(empty, {}), None, rows=1, progress=SILENT)
    assert "empty" in raised.value.what


def test_a_folder_that_is_there_and_a_package_that_is_not_are_told_before_anything_is_computed(
    run, notes, tmp_path, monkeypatch, capsys
):
    taken = tmp_path / "taken"
    taken.mkdir()
    assert main(["explain", str(run.folder), "--output", str(taken)]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["explain", str(run.folder / "nowhere")]) == 2
    capsys.readouterr()

    def missing(name):
        raise attribution.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(attribution.importlib.metadata, "version", missing)
    with pytest.raises(UsageError, match="captum, which is not installed"):
        explain(run, given(notes), None, rows=3, progress=SILENT)
    status = main(["explain", str(run.folder), "--data", str(notes), "--output", str(tmp_path / "new")])
    assert status == 2 and "vertikit[explain]" in capsys.readouterr().err
    assert not (tmp_path / "new").exists() and not list(tmp_path.glob("*.partial"))


def test_without_rows_the_change_alone_is_shown(run, capsys):
    assert main(["explain", str(run.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert all("reverted" not in each for each in told["adapted"]["blocks"])
    assert told["adapted"]["blocks"][0]["norm"] > 0 and "rows" not in told


def test_only_blocks_that_both_sides_know_are_compared():
    from vertikit.explain.changes import Change
    from vertikit.explain.reverting import Reverted

    changed = Adapted(
        [Change("a", 1, 0.5, 1, 1, 0.9), Change("b", 1, None, 1, 1, None), Change("c", 1, 0.1, 1, 1)]
    )
    lost = [Reverted(name, {}, {"value": None if name == "c" else 1.0}, {"value": 2.0}) for name in "abc"]
    worth = replace(changed, reverted=lost)
    assert pairs(changed, worth, "norm", "loss") == ([0.5, 0.1], [2.0, 2.0])
    assert pairs(changed, worth, "norm", "metric") == ([0.5], [1.0])
    assert pairs(changed, worth, "outputs", "loss") == ([pytest.approx(0.1)], [2.0])


def test_an_explanation_of_nothing_says_so():
    nothing = Explained("r", "t", "m", True, [], Adapted([]))
    assert list(sentences(nothing)) == []
