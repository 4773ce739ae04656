"""Few rows of each class: what is tried on them, what is taken, and what no choice may look at."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError
from vertikit.cli.entry import main

SETTINGS = {"few_shot": True, "baselines": ["majority", "tfidf-logistic"], "blend": "tfidf-logistic"}


@pytest.fixture(scope="module")
def few(notes, tmp_path_factory):
    """At most eight rows of a class to learn from, and a test part of their own."""
    table = pd.read_csv(notes, dtype=str).dropna(subset=["text", "disease"])
    # With other labels a text that stands on both sides would be a conflict, and go.
    table = table[~table["text"].str.casefold().str.split().str.join(" ").duplicated(keep=False)]
    counts = table["disease"].value_counts()
    table = table[table["disease"].isin(counts.index[:6])]
    own = table.groupby("disease").head(8)
    folder = tmp_path_factory.mktemp("few")
    own.to_csv(folder / "own.csv", index=False)
    table.drop(own.index).groupby("disease").head(12).to_csv(folder / "test.csv", index=False)
    return folder


def trained(few, quick, output, **more):
    return vertikit.train(
        "medical/diagnosis", few / "own.csv", test=few / "test.csv", map={"id": "note_id"}, output=output,
        **{**quick, **SETTINGS, "split": {"test": 0}, **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def chosen(few, quick, tmp_path_factory):
    return trained(few, quick, tmp_path_factory.mktemp("chosen") / "run")


def test_every_way_is_judged_out_of_fold_and_the_best_is_taken(chosen):
    found = chosen.metrics["few_shot_mode"]
    names = [each["name"] for each in found["tried"]]
    assert names[:2] == ["the recipe as it is", "the recipe as it is + tfidf-logistic"]
    assert {"logistic", "nearest-mean", "logistic + tfidf-logistic"} <= set(names)
    best = max(found["tried"], key=lambda each: each["score"]["value"])
    assert [each["name"] for each in found["tried"] if each["chosen"]] == [best["name"]]
    assert all("ci95" in each["score"] for each in found["tried"])
    assert found["expected"] <= best["score"]["value"] + 0.02
    head, _, other = best["name"].partition(" + ")
    assert chosen.recipe.blend == (other or None)
    if head != "the recipe as it is":
        assert chosen.recipe.head.name == head


def test_all_labelled_rows_are_learnt_from_and_none_of_the_test(chosen):
    rows = chosen.metrics["rows"]
    assert chosen.metrics["few_shot_mode"]["rows"] == rows["train"]
    assert rows["valid"] == 0
    assert chosen.metrics["few_shot_mode"]["largest_class"] <= 8
    tested = pd.read_parquet(chosen.folder / "predictions.parquet")
    assert len(tested) == rows["test"]
    page = (chosen.folder / "report.html").read_text(encoding="utf-8")
    assert "Chosen for few rows" in page


@pytest.mark.slow
def test_the_recipe_that_was_written_trains_the_same_again(chosen, few, tmp_path):
    from vertikit.recipe.layers import load_recipe_file

    again = vertikit.train(
        "medical/diagnosis", few / "own.csv", test=few / "test.csv", map={"id": "note_id"},
        output=tmp_path / "again", progress=False, **load_recipe_file(chosen.folder / "recipe.yaml"),
    )  # fmt: skip
    assert again.metrics["test"] == chosen.metrics["test"]
    assert again.recipe.head == chosen.recipe.head


@pytest.mark.slow
def test_other_test_labels_do_not_change_what_is_chosen(chosen, few, quick, tmp_path):
    table = pd.read_csv(few / "test.csv", dtype=str)
    table["disease"] = np.random.default_rng(0).permutation(table["disease"])
    table.to_csv(tmp_path / "test.csv", index=False)
    (tmp_path / "own.csv").write_bytes((few / "own.csv").read_bytes())
    other = trained(tmp_path, quick, tmp_path / "run", progress=False)
    assert other.metrics["few_shot_mode"] == chosen.metrics["few_shot_mode"]


def test_a_plain_training_on_so_few_says_that_the_mode_exists(few, quick, tmp_path, capsys):
    trained(few, quick, tmp_path / "run", few_shot=False, blend=None)
    assert "8 of the largest class; --few-shot chooses" in capsys.readouterr().err


def test_the_command_has_a_flag_for_it(few, tiny_encoder, tmp_path, capsys):
    status = main(
        ["train", "medical/diagnosis", "--data", str(few / "own.csv"), "--test", str(few / "test.csv"), "--few-shot",
         "--map", "id=note_id", "--set", f"backbone={tiny_encoder}", "--set", "epochs=2", "--set", "split.test=0",
         "--set", "evaluation.bootstrap=20", "--output", str(tmp_path / "run")]
    )  # fmt: skip
    said = capsys.readouterr()
    assert status == 0, said.err
    assert "out of fold, " in said.out
    assert "few rows:" in said.err


def test_numbers_have_no_such_mode(tmp_path, tiny_encoder):
    rows = pd.DataFrame(
        {"reference": [f"answer {at % 7}" for at in range(60)], "answer": [f"said {at}" for at in range(60)],
         "grade": np.linspace(0, 5, 60).round(2)}
    )  # fmt: skip
    rows.to_csv(tmp_path / "grades.csv", index=False)
    with pytest.raises(UsageError, match="none of classes"):
        vertikit.train(
            "education/grading", tmp_path / "grades.csv", output=tmp_path / "run", progress=False, few_shot=True,
            backbone=str(tiny_encoder), experts=[],
        )  # fmt: skip
