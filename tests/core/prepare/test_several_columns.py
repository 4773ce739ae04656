"""Several columns of a file as one of the task's."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from vertikit import Grade, Text, UsageError
from vertikit.prepare.mapping import match_columns
from vertikit.prepare.reading import read_rows
from vertikit.registry import registry

from .conftest import TASK as TRIAGE

TASK = replace(
    TRIAGE,
    columns=(
        Text("reference", several="|||"),
        Text("answer", may_be_empty=True),
        Grade("points"),
    ),
)
FRAME = pd.DataFrame(
    {
        "first": ["ice floats", "a cell"],
        "second": ["it is less dense", None],
        "answer": ["it swims", "null"],
        "points": [1, 0],
    }
)


def test_what_they_hold_is_joined_and_an_empty_one_left_out(tmp_path):
    mapping = {"reference": "first+second"}
    rows = read_rows(TASK, [FRAME], mapping, (), registry(), tmp_path, targets=True)
    assert rows.examples.column("reference") == ["ice floats|||it is less dense", "a cell"]
    assert rows.examples.column("answer") == ["it swims", "null"], "a text may well be the word null"


def test_none_of_them_is_unused_and_one_that_is_not_there_is_told():
    options = {"drop": (), "targets": True, "remembered": False}
    columns = list(FRAME)
    found = match_columns(TASK, "file", columns, {"reference": "first+second"}, **options)
    assert found.columns["reference"] == "first+second" and found.unused == ()
    with pytest.raises(UsageError, match="has no column 'first\\+third'"):
        match_columns(TASK, "file", columns, {"reference": "first+third"}, **options)
    with pytest.raises(UsageError, match="has no column"):
        match_columns(TASK, "file", columns, {"answer": "first+second"}, **options)
