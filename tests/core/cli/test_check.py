"""`vertikit check` does all of preparation and no training, on the sample of the first installed task that has one."""

import csv
from pathlib import Path

import pytest

from tests.core.cli.conftest import Type
from vertikit.registry import registry
from vertikit.task import Task


@pytest.fixture
def task() -> Task:
    known = registry()
    return next(task for task in map(known.task, known.names("tasks")) if task.sample)


@pytest.fixture
def rows(task: Task, type_in: Type) -> Path:
    assert type_in("sample", task.name, "--output", "rows.csv", "--rows", "300").status == 0
    return Path("rows.csv")


def test_check_tells_rows_leaks_split_and_classes(type_in: Type, task: Task, rows: Path) -> None:
    typed = type_in("check", task.name, str(rows))
    assert typed.status == 0, typed.err
    for word in ("rows: 300 read", "split: ", "train: ", "valid: ", "test: ", "classes: "):
        assert word in typed.out
    assert typed == type_in("check", task.name, "--data", str(rows)), "the data may be named either way"


def test_check_shows_no_private_value(type_in: Type, task: Task, rows: Path) -> None:
    typed = type_in("check", task.name, str(rows))
    with rows.open() as file:
        for row in csv.DictReader(file):
            for column in task.columns:
                value = row.get(column.name) or ""
                if column.private and len(value) > 8:
                    assert value not in typed.out + typed.err


def test_check_fails_where_training_would_stop(type_in: Type, task: Task, rows: Path) -> None:
    with rows.open() as file:
        table = list(csv.DictReader(file))
    for row in table:
        row[task.target.name] = "1"
    with Path("one.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, table[0].keys())
        writer.writeheader()
        writer.writerows(table)
    typed = type_in("check", task.name, "one.csv")
    assert typed.status == 1 and typed.errors[-2].startswith("error: ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none.csv"], "none.csv: no such file"),
        (["rows.csv", "--set", "epochz=3"], "Did you mean 'epochs'?"),
        (["rows.csv", "--map", "nonsense=x"], "nonsense"),
        ([], "no data is given"),
    ],
)
def test_check_refuses_what_is_wrong_in_the_request(
    type_in: Type, task: Task, rows: Path, arguments: list[str], said: str
) -> None:
    typed = type_in("check", task.name, *arguments)
    assert rows.exists() and typed.status == 2 and said in typed.err


def test_check_leaves_nothing_behind(type_in: Type, task: Task, rows: Path) -> None:
    type_in("check", task.name, str(rows))
    assert [each.name for each in Path().iterdir()] == ["rows.csv"]
