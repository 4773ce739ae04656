"""The same nonsense from Python: one VertikitError, and nothing left."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import vertikit
from tests.journeys.conftest import SECRET, TASK, Desk, rows
from vertikit import VertikitError


@pytest.mark.parametrize(
    "rows",
    [
        *([], pd.DataFrame(), pd.DataFrame({"text": []}), 5, None, {"text": "a"}),
        *("cough and fever", [{"tekst": "a"}], [{"text": "a"}, "b"]),
    ],
    ids=["list", "frame", "no rows", "number", "none", "dict", "a text for a path", "other key", "mixed"],
)
def test_rows_in_memory_that_cannot_be_used_are_one_error(finished: Path, rows: Any) -> None:
    with pytest.raises(VertikitError) as caught:
        vertikit.load(finished).predict(rows)
    assert caught.value.what and caught.value.do


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"epoch": 3}, "epoch: unknown key"),
        ({"output": ""}, "a folder of its own"),
        ({"output": "/"}, "a folder of its own"),
        ({"output": "a\0b"}, "cannot be written"),
        ({"drop": "text"}, "'text'"),
        ({"map": {"text": "zzz"}}, "no column 'zzz'"),
        ({"test": {"valid": "notes.csv"}}, "cannot be called 'valid'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_nonsense_from_python_is_one_error_and_leaves_nothing(
    desk: Desk, tiny_encoder: Path, options: dict[str, Any], says: str
) -> None:
    desk.write("notes.csv", rows())
    before = desk.everything()
    with pytest.raises(VertikitError, match=says) as caught:
        vertikit.train(
            TASK,
            "notes.csv",
            **{"output": "out", "backbone": str(tiny_encoder), "progress": False, **options},
        )
    assert SECRET not in str(caught.value)
    assert desk.everything() == before


@pytest.mark.usefixtures("desk")
def test_dropping_one_column_from_python_needs_no_list() -> None:
    with pytest.raises(VertikitError, match="--drop age"):
        vertikit.train(TASK, [{"text": "a", "disease": "b"}], drop="age", output="out", progress=False)


@pytest.mark.parametrize(
    "given",
    [(), pd.DataFrame([["a", "b"]], columns=["text", "text"])],
    ids=["no files", "two columns of a name"],
)
def test_further_rows_in_memory_that_cannot_be_used_are_one_error(finished: Path, given: Any) -> None:
    with pytest.raises(VertikitError):
        vertikit.load(finished).predict(given)
