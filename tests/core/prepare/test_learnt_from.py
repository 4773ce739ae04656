"""Rows and groups that a run has learnt from are known again, by hashes alone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.core.prepare.conftest import TASK
from vertikit import Category, Group, Id, Label, Number, Task, Time
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit.prepare.learnt_from import LearntFrom
from vertikit.prepare.reading import read_rows
from vertikit.registry import registry

KEY = "ab" * 32
EVENTS = replace(
    TASK,
    columns=(
        Time("time"), Number("amount"), Category("kind", required=False), Id("id"), Label("fraud"),
        Group("card", crosses_time=True),
    ),
)  # fmt: skip


def examples(tmp_path, rows, task: Task = TASK):
    folder = tmp_path / f"rows-{len(list(tmp_path.iterdir()))}"
    folder.mkdir()
    return read_rows(task, [pd.DataFrame(rows)], {}, (), registry(), folder, targets=False).examples


@pytest.fixture
def told(tmp_path):
    """Fitted on a file's first two rows, the third being its test; and read back."""
    rows = {"text": ["Cough  and fever", "rash", "dizzy"], "patient": ["anna", None, "ben"]}
    learnt = LearntFrom()
    learnt.fit(TASK, examples(tmp_path, rows), np.array([0, 1]), np.array([2]), KEY)
    save_fitted(tmp_path / "run", "learnt-from", learnt)
    again = LearntFrom()
    load_fitted(tmp_path / "run", "learnt-from", again)
    return again


def test_rows_are_known_by_text_and_by_group(told, tmp_path):
    rows = {
        "text": ["cough and FEVER", "itch", "dizzy", "a new note", "rash", "another"],
        "patient": [None, None, "ben", "anna", "carl", "carl"],
    }
    found = told.seen(TASK, examples(tmp_path, rows))
    assert {at: why.rpartition(" ")[2] for at, why in found.items()} == {0: "row", 3: "patient", 4: "row"}
    assert told.tells_apart(examples(tmp_path, rows))


def test_what_is_kept_holds_no_text_and_no_patient(told, tmp_path):
    content = b"".join(path.read_bytes() for path in (tmp_path / "run").iterdir()).lower()
    assert b"cough" not in content and b"anna" not in content and told.state().arrays["rows"].nbytes == 16


def test_groups_on_both_sides_are_no_sign_of_a_leak(tmp_path):
    rows = {"text": ["a", "b", "c"], "patient": ["anna", "ben", "anna"]}
    learnt = LearntFrom()
    learnt.fit(TASK, examples(tmp_path, rows), np.array([0, 1]), np.array([2]), KEY)
    further = examples(tmp_path, {"text": ["d", "a"], "patient": ["anna", "x"]})
    assert list(learnt.seen(TASK, further)) == [1]
    assert not learnt.tells_apart(further), "it may know the patient"


def test_events_of_a_table_are_known_by_id_and_time_and_later_ones_are_called_so(tmp_path):
    rows = {"time": ["2026-01-01", "2026-01-02", "2026-01-03"], "amount": [1, 2, 3], "id": ["a", "b", "c"],
            "card": ["k", "l", "k"]}  # fmt: skip
    learnt = LearntFrom()
    learnt.fit(EVENTS, examples(tmp_path, rows, EVENTS), np.array([0, 1]), np.array([2]), KEY)
    same = {**rows, "time": ["2026-01-01", "2026-02-02", "2026-02-03"]}
    assert list(learnt.seen(EVENTS, examples(tmp_path, same, EVENTS))) == [0]
    assert not learnt.precedes(examples(tmp_path, same, EVENTS))
    assert learnt.precedes(examples(tmp_path, {**rows, "time": ["2026-01-02T00:00:01"] * 3}, EVENTS))


def test_without_ids_events_are_known_by_group_and_time(tmp_path):
    rows = {"time": ["2026-01-01", "2026-01-02", "2026-01-03"], "amount": [1, 2, 3], "card": ["k", "l", "k"]}
    learnt = LearntFrom()
    learnt.fit(EVENTS, examples(tmp_path, rows, EVENTS), np.array([0, 1]), np.array([2]), KEY)
    again = {**rows, "time": ["2026-01-01"] * 3, "card": ["k", "l", None]}
    assert list(learnt.seen(EVENTS, examples(tmp_path, again, EVENTS))) == [0]


def test_a_table_without_ids_and_groups_says_nothing_of_its_rows(tmp_path):
    table = examples(tmp_path, {"time": ["2026-01-01"] * 3, "amount": [1, 2, 3]}, EVENTS)
    learnt = LearntFrom()
    learnt.fit(EVENTS, table, np.array([0, 1]), np.array([2]), KEY)
    assert learnt.seen(EVENTS, table) == {} and not learnt.tells_apart(table)
