"""What a request is answered with is what the run says, whoever asks beside it."""

from __future__ import annotations

import asyncio
import math

import numpy as np
import pandas as pd
import pytest

from tests.core.serve.conftest import PREDICT, TEXT, Asked

TEXTS = ["cough and fever", "rash skin red itch", "back pain since two days", "head ache " * 30, "dizzy spin"]


def same(answer, line, tolerance=0.0):
    """Whether an answer in JSON is a line of the table of `run.predict`."""
    assert list(answer) == list(line.index)
    for name, value in line.items():
        given = answer[name]
        if value is None or (isinstance(value, float) and math.isnan(value)):
            assert given is None, name
        elif isinstance(value, float):
            assert given == pytest.approx(value, abs=tolerance, rel=0), name
        elif name != "row":
            assert given == value, name


def test_one_row_has_the_very_answer_of_predict(asked, probe_run):
    found = asked.predict({"text": TEXT})
    assert found.status_code == 200 and found.headers["content-type"] == "application/json"
    content = found.json()
    assert content["run"] == probe_run.folder.name and content["request_id"] == found.headers["x-request-id"]
    same(content["answer"], probe_run.predict([{"text": TEXT}]).iloc[0])


def test_the_answer_is_that_of_the_same_row_in_a_file(asked, probe_run, tmp_path):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"text": TEXTS}).to_csv(path, index=False)
    table = probe_run.predict(path)
    for answer, (_, line) in zip(
        asked.predict([{"text": text} for text in TEXTS]).json()["answers"], table.iterrows(), strict=True
    ):
        same(answer, line)


def test_rows_that_cannot_be_used_have_their_own_error_and_the_others_their_answers(asked):
    found = asked.predict([{"text": ""}, {"text": TEXT}, {"text": None}])
    answers = found.json()["answers"]
    assert found.status_code == 200 and [each["row"] for each in answers] == [1, 2, 3]
    assert [each["error"] for each in answers] == ["text is missing", None, "text is missing"]
    assert answers[1]["disease"] is not None and answers[0]["disease"] is None


def test_a_single_row_that_cannot_be_used_names_its_field(asked):
    found = asked.predict({"text": "   "})
    assert found.status_code == 422 and found.headers["content-type"] == "application/problem+json"
    assert [(each["field"], each["what"]) for each in found.json()["errors"]] == [("row.text", "is missing")]


def test_requests_at_the_same_time_are_answered_together_and_each_with_its_own(start, probe_run):
    server: Asked = start(probe_run.folder, batch_wait=0.2, batch_rows=64)
    texts = [f"{TEXTS[at % 5]} since {at} days" for at in range(24)]

    async def all_at_once():
        async with server.client() as client:
            return await asyncio.gather(
                *(client.post(PREDICT, json={"row": {"text": text}}) for text in texts)
            )

    alone = probe_run.predict(texts)
    for _ in range(2):  # the second time it expects as many as came the first time
        found = asyncio.run(all_at_once())
        for answer, (_, line) in zip(found, alone.iterrows(), strict=True):
            same(answer.json()["answer"], line, tolerance=1e-5)
            assert answer.json()["answer"]["row"] == 1
    text = server.get("/metrics").text
    batches = next(line for line in text.splitlines() if line.startswith("vertikit_batch_rows_count"))
    assert float(batches.split()[-1]) < 30  # of 48 requests


def test_requests_of_other_columns_are_not_mixed_up(start, probe_run):
    server: Asked = start(probe_run.folder, batch_wait=0.2)
    bodies = [{"row": {"text": TEXT}}, {"row": {"text": TEXT, "note_id": "n7"}}, {"row": {"TEXT": "rash"}}]

    async def all_at_once():
        async with server.client() as client:
            return await asyncio.gather(*(client.post(PREDICT, json=body) for body in bodies * 4))

    first, second, third = (each.json()["answer"] for each in asyncio.run(all_at_once())[:3])
    assert "id" not in first and second["id"] == "n7"
    assert first["disease"] == second["disease"]
    same(third, probe_run.predict([{"TEXT": "rash"}]).iloc[0], tolerance=1e-5)


def test_what_nothing_reads_and_what_counts_as_missing_is_said(asked):
    found = asked.predict({"text": TEXT, "colour": "red", "age": "old"}).json()
    assert found["ignored"] == ["colour"]
    assert [note["field"] for note in found["notes"]] == ["row.age"]
    assert "counts as missing" in found["notes"][0]["what"] and "old" not in str(found["notes"])


def test_numbers_that_are_none_are_null(asked):
    answers = asked.predict([{"text": ""}, {"text": TEXT}]).text
    assert "NaN" not in answers and "Infinity" not in answers


def test_windows_take_rows_and_give_an_answer_for_each(start, window_run):
    server: Asked = start(window_run.folder)
    rows = [
        {"unit": "x", "time": f"2024-05-01T{hour:02d}:00:00", "temperature": 75.0 + hour, "vibration": 1.0}
        for hour in range(16)
    ]
    found = server.predict(rows, "/v1/manufacturing/fault/predict")
    assert found.status_code == 200, found.text
    table = window_run.predict(pd.DataFrame(rows).astype(str))
    assert len(found.json()["answers"]) == len(table) == 2
    for answer, (_, line) in zip(found.json()["answers"], table.iterrows(), strict=True):
        same(answer, line, tolerance=1e-9)
    few = server.predict(rows[:3], "/v1/manufacturing/fault/predict")
    assert "too short for a window" in few.json()["answers"][0]["error"]


def test_an_explanation_gives_words_with_their_places(asked):
    found = asked.post("/v1/medical/diagnosis/explain", {"row": {"text": TEXT}})
    assert found.status_code == 200, found.text
    content = found.json()
    assert [part["text"] for part in content["parts"]] == TEXT.split()
    for part in content["parts"]:
        assert TEXT[part["start"] : part["end"]] == part["text"] and np.isfinite(part["weight"])
    assert content["of"] == content["answer"]["disease"]
    several = asked.post("/v1/medical/diagnosis/explain", {"rows": [{"text": TEXT}, {"text": "rash"}]})
    assert several.status_code == 422


def test_without_captum_an_explanation_is_not_offered(asked, monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "captum" else 1)
    found = asked.post("/v1/medical/diagnosis/explain", {"row": {"text": TEXT}})
    assert found.status_code == 501 and "vertikit[explain]" in found.json()["detail"]
