"""A target whose classes are steps of a scale."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from vertikit import Card, Grade, Group, Protocol, Task, Text
from vertikit.prepare.prepared import Prepared

TASK = Task(
    name="school/marking",
    summary="marks answers",
    columns=(
        Text("question", required=False),
        Text("answer"),
        Grade("points", minimum=0, maximum=10, step=0.5),
        Group("item"),
    ),
    protocol=Protocol(
        splits=("official", "grouped", "stratified"), primary="accuracy", metrics=(), baselines=(), why=""
    ),
    card=Card(intended_use="", population="", limits=""),
    group_from="question",
)


Run = Callable[..., Prepared]


def answers(count: int = 200, **more: object) -> list[dict[str, object]]:
    points = ("0", "2", "9.5", "10")
    return [{"answer": f"answer number {at}", "points": points[at % 4], **more} for at in range(count)]


@pytest.mark.parametrize(
    ("raw", "value"), [("2", "2"), (" 2.0 ", "2"), ("2,5", "2.5"), ("-0", "0"), ("1e1", "10")]
)
def test_a_grade_has_one_spelling(raw: str, value: str) -> None:
    assert TASK.target.parse(raw) == value


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("good", "is no number"),
        ("inf", "is not a finite number"),
        ("11", "outside the scale from 0 to 10"),
        ("-1", "outside the scale"),
        ("2.3", "is no step of the scale"),
    ],
)
def test_a_grade_off_the_scale_is_refused_with_the_reason(raw: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        TASK.target.parse(raw)


def test_steps_are_in_the_order_of_the_scale_and_not_of_their_spelling(run: Run) -> None:
    assert run(pd.DataFrame(answers()), task=TASK).outcome.labels == ("0", "2", "9.5", "10")


def test_a_step_with_one_answer_is_kept(run: Run) -> None:
    rows = answers()
    rows[0]["points"] = "5"
    found = run(pd.DataFrame(rows), task=TASK)
    # Were steps names of classes, one of a single row would stop the work.
    assert not [bad for bad in found.quarantine if "too few" in bad.reason]


def test_questions_are_the_groups_where_no_column_names_them(run: Run) -> None:
    rows = answers()
    for at, row in enumerate(rows):
        row["question"] = f"question {at % 40}?"
    found = run(pd.DataFrame(rows), task=TASK)
    assert found.split == "grouped"
    fold = found.folds[0]
    asked = np.asarray(found.examples.column("question"), object)
    assert not set(asked[fold.tests["test"]]) & set(asked[np.concatenate([fold.train, fold.valid])])


def test_a_column_of_groups_goes_before_the_questions(run: Run) -> None:
    rows = answers(question="the same for all?")
    for at, row in enumerate(rows):
        row["item"] = f"i{at % 40}"
    assert len(set(run(pd.DataFrame(rows), task=TASK).examples.group)) == 40
