"""`vertikit train` and `vertikit demo` hand over what was typed, and say what came out."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.core.cli.conftest import Type
from tests.core.recipe.conftest import TOYS
from tests.core.registry.faking import FakePlugins
from vertikit.prepare.prepared import Sources

METRICS = {
    "primary": "macro_f1",
    "verdict": "The model is better than the coin.",
    "warnings": ["leaks were kept"],
    "test": {"macro_f1": {"value": 0.71234, "ci95": [0.66, 0.75]}},
    "baselines": {"coin": {"macro_f1": {"value": 0.5, "ci95": None}}},
    "tests": {"clinic": {"macro_f1": {"value": 0.6}}},
}


@dataclass
class FakeRun:
    folder: Path = Path("runs/one")
    metrics: dict[str, Any] = field(default_factory=lambda: METRICS)


Call = tuple[str, Sources, list[dict[str, Any]], Path | None, bool, bool]


def with_training(monkeypatch: pytest.MonkeyPatch, train: Callable[..., Any]) -> None:
    module = ModuleType("vertikit.training")
    module.train_command = train  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vertikit.training", module)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    made: list[Call] = []

    def train(*arguments: Any) -> FakeRun:
        made.append(arguments)  # type: ignore[arg-type]
        return FakeRun()

    with_training(monkeypatch, train)
    return made


def test_everything_typed_is_handed_over(type_in: Type, calls: list[Call]) -> None:
    Path("r.yaml").write_text("epochs: 4\nstrategy: full\n")
    typed = type_in(
        *("train", "toy/task", "--data", "a.csv", "b.csv", "--valid", "v.csv"),
        *("--test", "t.csv", "--test", "clinic=c.csv", "--map", "text=note", "--drop", "secret"),
        *("--recipe", "r.yaml", "--set", "strategy=lora", "--set", "strategy.rank=4", "--seed", "7"),
        *("--allow-leaks", "--output", "out", "--resume", "--show-values"),
    )
    assert typed.status == 0, typed.err
    (task, sources, layers, output, resume, show_values) = calls[0]
    assert task == "toy/task"
    assert sources == Sources(
        ("a.csv", "b.csv"),
        ("v.csv",),
        {"test": ("t.csv",), "clinic": ("c.csv",)},
        {"text": "note"},
        ("secret",),
    )
    assert layers == [
        {"epochs": 4, "strategy": "full"},
        {"strategy": {"name": "lora", "rank": 4}},
        {"seed": 7},
        {"allow_leaks": True},
    ]
    assert (output, resume, show_values) == (Path("out"), True, True)


def test_by_default_nothing_lies_over_the_tasks_recipe(type_in: Type, calls: list[Call]) -> None:
    type_in("train", "toy/task", "--data", "a.csv")
    assert calls == [("toy/task", Sources(("a.csv",)), [], None, False, False)]


def test_the_result_is_the_verdict_the_numbers_and_what_to_type_next(
    type_in: Type, calls: list[Call]
) -> None:
    typed = type_in("train", "toy/task", "--data", "a.csv")
    for part in (
        "The model is better than the coin.",
        "macro_f1, test    0.712 (0.660 to 0.750)",
        "coin            0.500",
        "macro_f1, clinic  0.600",
        "! leaks were kept",
        "runs/one/report.html",
        "vertikit predict runs/one NEW_ROWS --output answers.csv",
    ):
        assert part in typed.out
    assert calls and typed.err == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'TASK'"),
        (["toy/task"], "no data is given"),
        (["toy/task", "b.csv", "--data", "a.csv"], "unexpected extra argument"),
        (["toy/task", "--data", "a.csv", "--map", "text"], "ROLE=COLUMN"),
        (["toy/task", "--data", "a.csv", "--set", "epochs"], "KEY=VALUE"),
        (["toy/task", "--data", "a.csv", "--recipe", "none.yaml"], "no recipe file none.yaml"),
        (["toy/task", "--data", "a.csv", "--seed", "x"], "'x' is not a valid integer"),
    ],
)
def test_what_is_malformed_is_refused_before_anything_begins(
    type_in: Type, calls: list[Call], arguments: list[str], said: str
) -> None:
    typed = type_in("train", *arguments)
    assert typed.status == 2 and said in typed.err
    assert len(typed.errors) == 2
    assert calls == []


def test_ctrl_c_says_how_to_go_on(type_in: Type, monkeypatch: pytest.MonkeyPatch) -> None:
    def train(*_: Any) -> None:
        raise KeyboardInterrupt

    with_training(monkeypatch, train)
    typed = type_in("train", "toy/task", "--data", "a.csv")
    assert typed.status == 130
    assert "the same command with --resume" in typed.err


@pytest.fixture
def sampled(toys: FakePlugins) -> None:
    """The toy task has a sample, and `bare/task`, which comes before it, has none."""
    (toys.folder / "toy_sample_of_test.py").write_text(
        "def write(path, rows=9, seed=0):\n    path.write_text(f'text,kind\\n{rows},{seed}\\n')\n"
    )
    code = TOYS.replace('summary="Sorts toys.",', 'summary="Sorts toys.", sample="toy_sample_of_test:write",')
    for entry in toys.folder.glob("toys_*.py"):
        entry.write_text("from vertikit import hookimpl\n" + code)
    head, _, rest = TOYS.partition("class Source:")
    del rest
    bare = head.replace("toy/task", "bare/task") + (
        "\n@hookimpl\ndef register_tasks(register):\n    register('bare/task', TASK, summary='bare')\n"
    )
    toys.add("further", bare)


@pytest.mark.usefixtures("sampled")
def test_demo_trains_the_first_task_with_a_sample_on_it(type_in: Type, calls: list[Call]) -> None:
    typed = type_in("demo")
    assert typed.status == 0, typed.err
    path = Path("runs/toy-task-sample.csv")
    assert path.read_text() == "text,kind\n9,0\n"
    assert calls == [("toy/task", Sources((str(path),)), [], None, False, False)]
    assert "vertikit show toy/task" in typed.out


@pytest.mark.usefixtures("sampled")
def test_demo_keeps_a_sample_that_is_there_and_says_so(type_in: Type, calls: list[Call]) -> None:
    Path("runs").mkdir()
    Path("runs/toy-task-sample.csv").write_text("edited")
    typed = type_in("demo", "toy/task")
    assert "there already" in typed.err and calls
    assert Path("runs/toy-task-sample.csv").read_text() == "edited"


@pytest.mark.usefixtures("sampled")
def test_demo_of_a_task_without_sample_is_refused(type_in: Type, calls: list[Call]) -> None:
    typed = type_in("demo", "bare/task")
    assert typed.status == 2 and "has no sample data" in typed.err and calls == []


@pytest.mark.usefixtures("sampled")
def test_sample_writes_as_many_rows_as_asked_and_prints_the_path(type_in: Type) -> None:
    assert type_in("sample", "toy/task").out == "toy-task-sample.csv\n"
    assert Path("toy-task-sample.csv").read_text() == "text,kind\n9,0\n"
    assert (
        type_in("sample", "toy/task", "--output", "deep/er/x.csv", "--rows", "3", "--seed", "5").status == 0
    )
    assert Path("deep/er/x.csv").read_text() == "text,kind\n3,5\n"
    assert [each.name for each in Path("deep/er").iterdir()] == ["x.csv"]


@pytest.mark.usefixtures("sampled")
def test_sample_overwrites_nothing(type_in: Type) -> None:
    Path("toy-task-sample.csv").write_text("mine")
    typed = type_in("sample", "toy/task")
    assert typed.status == 2 and "exists already" in typed.err
    assert Path("toy-task-sample.csv").read_text() == "mine"


@pytest.mark.usefixtures("sampled")
def test_sample_that_cannot_be_written_says_so(type_in: Type) -> None:
    Path("file").write_text("")
    typed = type_in("sample", "toy/task", "--output", "file/x.csv")
    assert typed.status == 2 and "cannot be written" in typed.err
