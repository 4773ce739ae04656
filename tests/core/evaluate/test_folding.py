"""Slices of one study are judged as one, and a model that sees no more than borders is told of."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Card, Group, Label, Protocol, Task, Text
from vertikit.evaluate.folding import folding
from vertikit.evaluate.shortcuts import warnings_of_shortcut
from vertikit.examples import Examples

TASK = Task(
    name="clinic/films",
    summary="",
    columns=(Text("film"), Label("finding"), Group("study", kept_whole=False)),
    protocol=Protocol(splits=(), primary="auroc", metrics=(), baselines=(), why="", folded=("study",)),
    card=Card(intended_use="", population="", limits=""),
)


def examples(studies):
    rows = np.arange(len(studies))
    names = np.full(len(studies), "", object)
    return Examples(
        Dataset.from_dict({"study": studies, "film": [str(at) for at in rows]}), rows, names, names
    )


def test_answers_of_a_study_are_averaged_and_the_first_example_stands_for_it():
    own = examples(["s1", "s2", "s1", None, "s2"])
    truth = np.array(["yes", "no", "yes", "no", "no"], object)
    folds = folding(TASK, own, truth)
    assert folds.first.tolist() == [0, 1, 3]
    assert folds.which.tolist() == [0, 1, 0, 2, 1]
    answers = np.array([[0.2, 0.8], [1.0, 0.0], [0.4, 0.6], [0.5, 0.5], [0.0, 1.0]])
    np.testing.assert_allclose(folds.answers(answers), [[0.3, 0.7], [0.5, 0.5], [0.5, 0.5]])
    assert folds.examples(own).column("film") == ["0", "1", "3"]


def test_films_of_one_study_that_show_different_things_stay_apart():
    folds = folding(TASK, examples(["s1", "s1", "s1"]), np.array(["yes", "no", "yes"], object))
    assert folds.which.tolist() == [0, 1, 0]


@pytest.mark.parametrize("studies", [["a", "b", "c"], [None, None, None]])
def test_where_every_example_is_a_study_of_its_own_nothing_is_folded(studies):
    assert folding(TASK, examples(studies), np.array(["yes", "no", "yes"], object)) is None


def metrics(low, theirs=0.7):
    return {
        "primary": "auroc",
        "test": {"auroc": {"value": 0.8}},
        "shortcut": {
            "baseline": "picture-frame",
            "test": {"auroc": {"value": theirs}},
            "difference": {"value": 0.1, **({} if low is None else {"ci95": [low, 0.3]})},
        },
    }


def test_a_shortcut_that_does_as_well_is_warned_of_and_one_that_does_not_is_not():
    assert warnings_of_shortcut(metrics(0.02)) == []
    assert "does as well: auroc 0.70 against the model's 0.80" in warnings_of_shortcut(metrics(-0.05))[0]
    assert "too few rows to tell" in warnings_of_shortcut(metrics(None))[0]
    assert warnings_of_shortcut({"primary": "auroc", "test": {}}) == []
