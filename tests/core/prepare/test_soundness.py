"""A target that is sound or odd: what is learnt, what judges, and what is said where one of them is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.core.prepare.conftest import TASK
from vertikit import Group, Soundness, Task, Text, VertikitError
from vertikit.prepare.prepared import Prepared

WATCH: Task = replace(
    TASK, name="clinic/watch", columns=(Text("text"), Soundness("state"), Group("patient", help="who"))
)
Run = Callable[..., Prepared]


@pytest.fixture
def parts(plenty: Callable[..., list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """200 good ones, 12 cracked, 8 stained; all different."""
    rows = plenty(220)
    kinds = ["Good"] * 200 + ["crack"] * 12 + ["stain"] * 8
    return [{"text": row["text"], "state": kind} for row, kind in zip(rows, kinds, strict=True)]


def states(prepared: Prepared, part: np.ndarray) -> list[str]:
    truth = prepared.outcome.truth(prepared.examples, "state")
    return sorted(set(truth[part]))


def test_all_odd_rows_judge_and_none_is_learnt(run: Run, write: Callable[..., str], parts: Any) -> None:
    prepared = run(write(parts), task=WATCH)
    fold = prepared.folds[0]
    assert states(prepared, fold.train) == states(prepared, fold.valid) == ["sound"]
    truth = prepared.outcome.truth(prepared.examples, "state")
    assert sum(truth[fold.tests["test"]] == "crack") == 12 and sum(truth[fold.tests["test"]] == "stain") == 8
    assert 20 <= sum(truth[fold.tests["test"]] == "sound") <= 60, "sound ones are tested too"


def test_a_group_with_an_odd_row_goes_to_the_test_whole(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    for at, row in enumerate(parts):
        row["patient"] = f"p{at % 70}"
    prepared = run(write(parts), task=WATCH)
    fold, group = prepared.folds[0], prepared.examples.group
    assert group is not None
    assert not set(group[fold.train]) & set(group[fold.tests["test"]])
    assert not set(group[fold.valid]) & set(group[fold.tests["test"]])


def test_where_every_group_has_an_odd_row_nothing_is_left_to_learn_from(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    for at, row in enumerate(parts):
        row["patient"] = f"p{at % 10}"
    with pytest.raises(VertikitError, match="none is left to learn from"):
        run(write(parts), task=WATCH)


def test_without_the_column_all_rows_of_training_are_sound_and_that_is_said(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    told: list[str] = []
    sound = write([{"text": row["text"]} for row in parts[:200]], "sound.csv")
    prepared = run(sound, task=WATCH, told=told)
    assert states(prepared, prepared.folds[0].tests["test"]) == ["sound"]
    assert any("no column 'state': all its rows count as sound" in note for note in prepared.notes)
    assert any("nothing odd in it" in note for note in prepared.notes)


def test_a_test_without_the_column_judges_nothing_and_is_refused(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    sound = write([{"text": row["text"]} for row in parts[:150]], "sound.csv")
    other = write([{"text": row["text"]} for row in parts[150:]], "other.csv")
    with pytest.raises(VertikitError, match="no row of the part 'test'"):
        run(sound, tests={"test": [other]}, task=WATCH)


def test_odd_rows_of_training_are_left_out_where_the_user_gave_a_test(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    given = write(parts[:150] + parts[200:210], "data.csv")
    test = write(parts[150:200] + parts[210:], "test.csv")
    prepared = run(given, tests={"test": [test]}, task=WATCH)
    fold = prepared.folds[0]
    assert len(fold.tests["test"]) == 60
    assert [len(part) for part in fold.outside.values()] == [10]
    assert states(prepared, fold.train) == ["sound"]


def test_a_column_in_which_nothing_is_called_sound_says_how_to_name_it(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    for row in parts:
        row["state"] = row["state"].replace("Good", "plain")
    with pytest.raises(VertikitError, match="names no sound example") as caught:
        run(write(parts), task=WATCH)
    assert "--set oddness.sound=" in str(caught.value.do)
    prepared = run(write(parts), task=WATCH, oddness={"sound": "Plain"})
    assert states(prepared, prepared.folds[0].train) == ["sound"]


def test_a_row_whose_state_is_empty_is_neither(run: Run, write: Callable[..., str], parts: Any) -> None:
    parts[0]["state"] = ""
    prepared = run(write(parts), task=WATCH)
    assert [(bad.row, bad.reason) for bad in prepared.quarantine] == [(1, "state is missing")]


def test_too_few_sound_ones_for_the_overkill_asked_for_is_said(
    run: Run, write: Callable[..., str], parts: Any
) -> None:
    prepared = run(write(parts), task=WATCH, oddness={"overkill": 0.005})
    assert any("cannot show a threshold that rejects 0.5%" in note for note in prepared.notes)
