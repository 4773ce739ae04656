"""The verbs that take a run: evaluate, predict, runs, compare, report, cache."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.core.cli.conftest import Type
from tests.core.cli.test_train import METRICS
from vertikit.cli.cache import readable
from vertikit.cli.finished import interval


def make_run(name: str, **changes: Any) -> Path:
    """A run folder as far as listings read it."""
    folder = Path("runs") / name
    folder.mkdir(parents=True)
    metrics = {
        **METRICS,
        "difference": {"baseline": "coin"},
        "cost": {"trainable": 1234, "trainable_share": 0.01, "model_bytes": 2_500_000},
        "seconds": {"total": 12.34},
    }
    manifest = {"task": "toy/task", "fingerprint": "f", "created": "2026-01-02T03:04:05Z", **changes}
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "task.json").write_text(json.dumps(manifest))
    (folder / "recipe.yaml").write_text("strategy: {name: lora, rank: 4}\n")
    return folder


def test_runs_lists_whole_unfinished_and_damaged_ones_the_newest_first(type_in: Type) -> None:
    make_run("one")
    make_run("two")
    (Path("runs") / "three.partial").mkdir()
    (make_run("four") / "metrics.json").write_text("{")
    Path("runs/sample.csv").write_text("text\n")
    Path("runs/notes").mkdir()
    for age, name in enumerate(("one", "two", "three.partial", "four")):
        os.utime(Path("runs") / name, (1000 + age, 1000 + age))
    listed = json.loads(type_in("runs", "--json").out)
    assert [(Path(each["folder"]).name, each["state"]) for each in listed] == [
        ("four", "damaged"),
        ("three.partial", "unfinished"),
        ("two", "ok"),
        ("one", "ok"),
    ]
    assert listed[2]["test"]["value"] == 0.71234
    text = type_in("runs").out
    assert "0.712 (0.660 to 0.750)" in text and "--resume" in text and "damaged" in text
    assert "2026-01-02T03:04:05Z" in text and "The model is better than the coin." in text


def test_runs_says_where_there_are_none(type_in: Type) -> None:
    typed = type_in("runs")
    assert typed.status == 0 and "vertikit demo" in typed.out
    assert json.loads(type_in("runs", "--json").out) == []


def test_compare_puts_runs_side_by_side(type_in: Type) -> None:
    typed = type_in("compare", str(make_run("one")), str(make_run("two")))
    assert (typed.status, typed.err) == (0, "")
    lines = {line[:13].strip(): line for line in typed.out.splitlines()}
    assert "one" in lines[""] and "two" in lines[""]
    assert lines["strategy"].count("lora") == 2
    assert lines["test"].count("0.712 (0.660 to 0.750)") == 2
    assert lines["best baseline"].count("0.500 coin") == 2
    assert lines["trainable"].count("1,234 (1.00 %)") == 2
    assert lines["seconds"].count("12.3") == 2 and lines["model"].count("2.5 MB") == 2


def test_compare_warns_where_the_data_differ(type_in: Type) -> None:
    typed = type_in("compare", str(make_run("one")), str(make_run("two", fingerprint="g")), "--json")
    assert typed.errors == [
        "warning: these runs are of different data, so their numbers cannot be compared directly"
    ]
    assert [each["strategy"] for each in json.loads(typed.out)] == ["lora", "lora"]


def test_compare_warns_where_the_test_rows_differ(type_in: Type) -> None:
    import pandas as pd

    runs = [make_run(name) for name in ("one", "two", "three")]
    for folder, rows in zip(runs, ([3, 1], [1, 3], [1, 4]), strict=True):
        pd.DataFrame({"row": rows}).to_parquet(folder / "predictions.parquet")
    assert type_in("compare", str(runs[0]), str(runs[1])).err == ""
    (warning,) = type_in("compare", str(runs[0]), str(runs[2])).errors
    assert warning.startswith("warning: these runs were judged on different rows of the same data")


@pytest.mark.parametrize(
    ("names", "status", "said"),
    [
        (["one"], 2, "two runs or more"),
        (["one", "none"], 2, "there is no run folder runs/none"),
        (["one", "empty"], 2, "runs/empty is no run folder"),
        (["one", "torn"], 1, "runs/torn is damaged"),
        (["one", "late.partial"], 1, "runs/late.partial is unfinished"),
    ],
)
def test_compare_refuses_what_is_no_whole_run(
    type_in: Type, names: list[str], status: int, said: str
) -> None:
    make_run("one")
    for name in ("empty", "late.partial"):
        (Path("runs") / name).mkdir()
    (make_run("torn") / "task.json").unlink()
    typed = type_in("compare", *(f"runs/{name}" for name in names))
    assert typed.status == status and said in typed.err


def stub(monkeypatch: pytest.MonkeyPatch, name: str, **members: Callable[..., Any]) -> None:
    module = ModuleType(name)
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """`vertikit.run.run.load` gives the folder's name, and nothing heavy is imported."""
    stub(monkeypatch, "vertikit.run.run", load=lambda folder: f"run {folder}")
    stub(monkeypatch, "vertikit.training", quiet_libraries=lambda: None)


@pytest.mark.usefixtures("loaded")
def test_evaluate_hands_over_rows_and_columns_and_prints_verdict_and_numbers(
    type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Any] = []

    def evaluate(*arguments: Any, **options: Any) -> dict[str, Any]:
        calls.append((arguments, {key: value for key, value in options.items() if key != "progress"}))
        return METRICS

    stub(monkeypatch, "vertikit.deploy.evaluating", evaluate=evaluate)
    data = ("--data", "a.csv", "b.csv", "--map", "text=note", "--drop", "x")
    typed = type_in("evaluate", "runs/one", *data, "--output", "out", "--show-values")
    assert typed.status == 0, typed.err
    options = {"output": Path("out"), "mapping": {"text": "note"}, "drop": ("x",), "show_values": True}
    options |= {"root": "", "allow_leaks": False}
    assert calls == [(("run runs/one", ("a.csv", "b.csv")), options)]
    assert "The model is better than the coin." in typed.out and "0.712" in typed.out
    assert "out/report.html" in typed.out
    assert json.loads(type_in("evaluate", "runs/one", "--data", "a.csv", "--json").out) == METRICS


@pytest.mark.usefixtures("loaded")
def test_predict_hands_over_rows_and_counts_those_that_cannot_be_used(
    type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pandas as pd

    calls: list[Any] = []

    def predict_to(*arguments: Any, **options: Any) -> pd.DataFrame:
        calls.append((arguments, {key: value for key, value in options.items() if key != "progress"}))
        return pd.DataFrame({"error": [None, "text is missing", None]})

    stub(monkeypatch, "vertikit.deploy.predicting", predict_to=predict_to)
    columns = ("--map", "text=note", "--drop", "x")
    typed = type_in("predict", "runs/one", "a.csv", "b.csv", "--output", "out.csv", *columns)
    assert typed.status == 0, typed.err
    options = {"mapping": {"text": "note"}, "drop": ("x",), "root": "", "state": None}
    assert calls == [(("run runs/one", ("a.csv", "b.csv"), Path("out.csv")), options)]
    assert typed.out == "out.csv\n"
    assert typed.errors == ["1 of 3 rows cannot be used; the column error says why"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "runs/one"], "no data is given"),
        (["predict", "runs/one", "--output", "o.csv"], "no data is given"),
        (["predict", "runs/one", "a.csv"], "Missing option '--output'"),
        (["evaluate"], "Missing argument 'RUN'"),
    ],
)
def test_what_is_not_named_is_a_usage_error(type_in: Type, arguments: list[str], said: str) -> None:
    typed = type_in(*arguments)
    assert typed.status == 2 and said in typed.err


def test_report_draws_it_anew_and_prints_where_it_is(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    stub(
        monkeypatch,
        "vertikit.run.report",
        render=lambda folder: folder / "report.html",
        shows_values=lambda _: False,
    )
    make_run("one", format=1, files={})
    assert type_in("report", "runs/one").out == "runs/one/report.html\n"


def test_cache_shows_its_place_and_size_and_is_cleared(
    type_in: Type, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VERTIKIT_CACHE", str(tmp_path / "cache"))
    state = SimpleNamespace(size=1_500)

    def clear() -> int:
        freed, state.size = state.size, 0
        return freed

    stub(
        monkeypatch,
        "vertikit.adapt.feature_cache",
        cache_folder=lambda: Path("/c"),
        cache_size=lambda: state.size,
        clear_cache=clear,
    )
    assert type_in("cache").out == "/c  1.5 kB\n"
    assert type_in("cache", "clear").out == "1.5 kB freed\n"
    assert json.loads(type_in("cache", "--json").out) == {"folder": "/c", "bytes": 0}


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (2_500_000, "2.5 MB"), (10**13, "10.0 TB")],
)
def test_bytes_are_told_in_the_unit_that_suits_them(size: int, text: str) -> None:
    assert readable(size) == text


@pytest.mark.parametrize("measured", [None, {}, {"value": None}, {"value": "x"}, 3])
def test_a_number_that_is_not_known_is_a_dash(measured: object) -> None:
    assert interval(measured) == "–"
