"""The way of a user: the commands as typed, the same from Python, and what must hold of their answers."""

from __future__ import annotations

import json
import pickle
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import vertikit
from tests.journeys.conftest import SECRET, TASK, Desk, rows

LONG = "cough fever rash head ache " * 60
NEW = ["fever tired ache", "", "cough nose", LONG, "itch skin", "NaN", "x", "rash " * 31, "fever ache weak"]
"""Texts of all lengths, two of which cannot be used."""

USABLE = [text not in ("", "NaN") for text in NEW]


@pytest.fixture(scope="session")
def run(finished: Path) -> vertikit.Run:
    return vertikit.load(finished)


def scores(table: pd.DataFrame) -> np.ndarray[Any, np.dtype[np.float64]]:
    return table[[name for name in table.columns if name.startswith("disease.p.")]].to_numpy(dtype=float)


def test_the_commands_of_the_guide_work_as_typed(desk: Desk, finished: Path) -> None:
    """check, train with lora, evaluate on another clinic, predict, runs, compare, report."""
    desk.write("notes.csv", rows(header="description,specialty"))
    columns = ("--map", "text=description", "--map", "disease=specialty")
    checked = desk.type("check", TASK, "notes.csv", *columns)
    assert (checked.status, "120 read" in checked.out) == (0, True), checked.err
    assert not Path("runs").exists()

    trained = desk.type(
        "train", TASK, "--data", "notes.csv", *columns, *desk.quick,
        "--set", "strategy=lora", "--set", "strategy.rank=2",
    )  # fmt: skip
    assert trained.status == 0, trained.err
    (folder,) = Path("runs").iterdir()
    assert {path.name for path in folder.iterdir()} == {
        "README.md", "recipe.yaml", "task.json", "model", "metrics.json", "predictions.parquet",
        "quarantine.csv", "report.html", "log.jsonl",
    }  # fmt: skip
    assert json.loads((folder / "metrics.json").read_text())["verdict"] in " ".join(trained.out.split())
    assert "are trained (" in trained.err and "%" in trained.err
    assert (folder / "model" / "text" / "adapter_model.safetensors").is_file()

    desk.write("other_clinic.csv", rows(30, header="description,specialty", start=700))
    judged = desk.type("evaluate", folder, "--data", "other_clinic.csv", "--output", "judged")
    assert judged.status == 0 and "macro_f1, test" in judged.out, judged.err
    assert Path("judged/report.html").is_file() and not list(Path().glob("*.partial"))
    as_json = json.loads(desk.type("evaluate", folder, "--data", "other_clinic.csv", "--json").out)
    assert as_json["rows"] == {"read": 30, "quarantined": 0, "test": 30}

    desk.write("new_notes.csv", "description\n" + "\n".join(f'"{text}"' for text in NEW) + "\n")
    predicted = desk.type("predict", folder, "new_notes.csv", "--output", "out.csv")
    assert (predicted.status, predicted.out) == (0, "out.csv\n")
    assert "2 of 9 rows cannot be used" in predicted.err

    (listed,) = json.loads(desk.type("runs", "--json").out)
    assert (listed["folder"], listed["state"], listed["task"]) == (str(folder), "ok", TASK)
    compared = desk.type("compare", folder, finished)
    assert compared.status == 0 and "lora" in compared.out and "probe" in compared.out, compared.err
    before = (folder / "report.html").read_bytes()
    assert desk.type("report", folder).status == 0
    assert (folder / "report.html").read_bytes() == before


def test_every_listing_is_json_when_asked(desk: Desk, finished: Path) -> None:
    desk.write("notes.csv", rows())
    for typed in (
        ("tasks", "--json"),
        ("show", TASK, "--json"),
        ("show", "minilm", "--json"),
        ("plugins", "list", "--json"),
        ("cache", "--json"),
        ("compare", finished, finished, "--json"),
        ("runs", "--in", finished.parent, "--json"),
    ):
        done = desk.type(*typed)
        assert done.status == 0 and json.loads(done.out), typed
    assert json.loads(desk.type("show", TASK, "--schema").out)["type"] == "object"


def test_the_recipe_that_is_printed_is_one_to_start_from(desk: Desk) -> None:
    desk.write("notes.csv", rows())
    desk.write("recipe.yaml", desk.type("show", TASK, "--recipe").out)
    typed = desk.type("check", TASK, "notes.csv", "--recipe", "recipe.yaml")
    assert typed.status == 0, typed.err


def test_the_sample_is_written_checked_and_not_overwritten(desk: Desk) -> None:
    assert desk.type("sample", TASK, "--output", "s.csv", "--rows", "300").out == "s.csv\n"
    assert len(pd.read_csv("s.csv")) == 300
    assert desk.type("check", TASK, "s.csv").status == 0
    assert desk.type("sample", TASK, "--output", "s.csv").status == 2


def test_the_cache_is_cleared_and_says_what_it_freed(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERTIKIT_CACHE", str(tmp_path / "cache"))
    desk.write("notes.csv", rows())
    assert desk.train("--data", "notes.csv").status == 0
    size = json.loads(desk.type("cache", "--json").out)["bytes"]
    assert size > 120 * 16 * 4
    again = desk.train("--data", "notes.csv", output="again")
    assert "120 of 120 distinct values from the cache" in again.err
    assert "freed" in desk.type("cache", "clear").out
    assert json.loads(desk.type("cache", "--json").out)["bytes"] == 0
    first, second = (json.loads(Path(name, "metrics.json").read_text()) for name in ("out", "again"))
    assert first["test"] == second["test"]


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_there_is_a_line_per_row_in_order_and_a_bad_one_has_its_reason(
    desk: Desk, finished: Path, run: vertikit.Run, ending: str
) -> None:
    desk.write("new.csv", "text\n" + "\n".join(f'"{text}"' for text in NEW) + "\n")
    output = f"answers.{ending}"
    assert desk.type("predict", finished, "new.csv", "--output", output).status == 0
    read: dict[str, Callable[[str], pd.DataFrame]] = {
        "csv": pd.read_csv,
        "jsonl": lambda path: pd.read_json(path, lines=True),
        "parquet": pd.read_parquet,
    }
    table = read[ending](output)
    assert list(table.row) == list(range(1, len(NEW) + 1))
    assert table.error.isna().tolist() == USABLE
    assert set(table.error.dropna()) == {"text is missing"}
    assert table.disease.notna().tolist() == USABLE
    expected = run.predict(NEW)
    assert list(table.columns) == list(expected.columns)
    assert np.allclose(scores(table), scores(expected), atol=1e-5, equal_nan=True)
    assert not list(desk.folder.glob("*.part"))


def test_texts_frame_dicts_and_files_give_the_same_answers(desk: Desk, run: vertikit.Run) -> None:
    frame = pd.DataFrame({"text": NEW})
    frame.to_csv("new.csv", index=False)
    frame.to_parquet("new.parquet")
    frame.to_json("new.jsonl", orient="records", lines=True)
    reference = run.predict(NEW)
    assert np.isfinite(scores(reference)).all(axis=1).tolist() == USABLE
    assert np.allclose(scores(reference)[USABLE].sum(axis=1), 1)
    sources: tuple[Any, ...] = (
        frame,
        frame.set_index(pd.Index([7] * len(NEW))),
        frame.to_dict("records"),
        "new.csv",
        desk.folder / "new.csv",
        "new.parquet",
        Path("new.jsonl"),
    )
    for given in sources:
        table = run.predict(given)
        assert list(table.columns) == list(reference.columns)
        assert table.disease.fillna("").tolist() == reference.disease.fillna("").tolist()
        assert table.error.fillna("").tolist() == reference.error.fillna("").tolist()
        assert np.allclose(scores(table), scores(reference), atol=1e-5, equal_nan=True)
    halves = run.predict((Path("new.csv"), "new.parquet"))
    assert np.allclose(scores(halves), np.tile(scores(reference), (2, 1)), atol=1e-5, equal_nan=True)


def test_a_row_scores_the_same_in_any_batch_and_order(run: vertikit.Run) -> None:
    texts = [" ".join(random.Random(at).choices(LONG.split(), k=1 + at * 3)) for at in range(60)]
    together = scores(run.predict(texts))
    order = random.Random(0).sample(range(60), 60)
    shuffled = scores(run.predict([texts[at] for at in order]))
    assert np.abs(shuffled - together[order]).max() < 1e-5
    alone = np.concatenate([scores(run.predict([text])) for text in texts[::7]])
    assert np.abs(alone - together[::7]).max() < 1e-5
    assert np.ptp(together, axis=0).max() > 1e-3, "all rows score alike, so nothing was tested"


def test_a_run_from_python_has_numbers_and_an_ordinary_module(
    run: vertikit.Run, finished: Path, tmp_path: Path
) -> None:
    import torch

    assert isinstance(run.model, torch.nn.Module) and not run.model.training
    assert sum(value.numel() for value in run.model.state_dict().values()) > 1_000
    assert run.metrics == json.loads((finished / "metrics.json").read_text())
    assert run.labels == ("acne", "cold", "flu") and run.task.name == TASK
    path = tmp_path / "other.csv"
    path.write_text(rows(30, start=900))
    judged = run.evaluate(path, output=tmp_path / "judged")
    assert judged["rows"]["test"] == 30 and judged["primary"] in judged["test"]
    assert judged["test"] == run.evaluate(pd.read_csv(path))["test"]


def test_the_kept_test_predictions_are_what_the_run_predicts_again(run: vertikit.Run, finished: Path) -> None:
    kept = pd.read_parquet(finished / "predictions.parquet").set_index("row")
    fresh = run.predict(finished.parent / "notes.csv").set_index("row").loc[kept.index]
    assert np.abs(scores(kept) - scores(fresh)).max() < 1e-5
    assert kept.decision.tolist() == fresh.decision.tolist()


def test_a_run_is_not_written_to_after_it_is_made(run: vertikit.Run, finished: Path) -> None:
    def state() -> dict[str, tuple[int, bytes]]:
        files = [path for path in finished.rglob("*") if path.is_file()]
        return {str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in files}

    before = state()
    run.predict(NEW)
    run.evaluate(finished.parent / "notes.csv")
    assert state() == before


def test_no_text_is_left_outside_the_model(run: vertikit.Run, finished: Path) -> None:
    assert SECRET in (finished.parent / "notes.csv").read_text()
    for path in finished.rglob("*"):
        # A baseline is made of words of the texts; docs/run-folder.md says so.
        if path.is_file() and "model" not in path.relative_to(finished).parts:
            assert SECRET.encode() not in path.read_bytes(), path
    assert SECRET not in repr(run)


def test_no_pickle_is_read_to_load_and_to_predict(finished: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import joblib  # type: ignore[import-untyped]
    import torch

    loaded = vertikit.load(finished)
    loaded.predict(["cough"])  # what the libraries import for the first time is not our concern

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a pickle is read")

    for module, names in ((pickle, ("load", "loads")), (torch, ("load",)), (joblib, ("load",))):
        for name in names:
            monkeypatch.setattr(module, name, refuse)
    monkeypatch.setattr("pickle.Unpickler", refuse)
    fresh = vertikit.load(finished)
    assert len(fresh.predict(["cough", "fever"])) == 2
    kept = fresh.evaluate(finished.parent / "notes.csv", allow_leaks=True)
    assert kept["rows"]["test"] == 120
