"""`vertikit explain` as it is typed."""

from __future__ import annotations

import json
import sys
from types import ModuleType
from typing import Any

import pytest

from tests.core.cli.conftest import Type


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the verb hands over, to a run that is none."""
    from vertikit.explain import explaining
    from vertikit.explain.changes import Change
    from vertikit.explain.explaining import Adapted, Explained
    from vertikit.explain.reverting import Reverted

    calls: list[Any] = []

    def explain(run: Any, given: Any, control: Any, **options: Any) -> Explained:
        calls.append((run, given, control, options["rows"]))
        worth = [Reverted("layer 1", {"value": 0.7}, {"value": 0.1, "ci95": [0.05, 0.2]}, {"value": 0.0004})]
        changed = [Change("embeddings", 10, 0.0, None, None), Change("layer 1", 20, 0.0321, 3.5, 8.0, 0.98)]
        return Explained("one", "toy/task", "f1", True, ["A note."], Adapted(changed, worth), 100)

    monkeypatch.setattr(explaining, "explain", explain)
    module = ModuleType("vertikit.run.run")
    vars(module).update(load=lambda folder: f"run {folder}")
    monkeypatch.setitem(sys.modules, "vertikit.run.run", module)
    return calls


def test_rows_and_control_are_handed_over_and_a_line_a_block_is_printed(
    type_in: Type, asked: list[Any]
) -> None:
    more = (
        "--data",
        "a.csv",
        "b.csv",
        "--control",
        "c.csv",
        "--map",
        "text=note",
        "--root",
        "r",
        "--rows",
        "7",
    )
    typed = type_in("explain", "runs/one", *more)
    assert typed.status == 0, typed.err
    ((run, given, control, rows),) = asked
    assert (run, rows) == ("run runs/one", 7)
    assert (given.data, given.mapping, given.root) == (("a.csv", "b.csv"), {"text": "note"}, "r")
    assert (control.data, control.mapping) == (("c.csv",), {"text": "note"})
    line = next(line for line in typed.out.splitlines() if line.startswith("layer 1"))
    assert line.split() == ["layer", "1", "3.21%", "3.5", "0.980", "0.0004", "0.1", "(0.05", "to", "0.2)"]
    assert "A note." in typed.out


def test_a_run_is_explained_without_rows(type_in: Type, asked: list[Any]) -> None:
    typed = type_in("explain", "runs/one", "--json")
    assert asked == [("run runs/one", None, None, 20)]
    told = json.loads(typed.out)
    assert told["adapted"]["blocks"][1]["reverted"]["loss"] == {"value": 0.0004}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain"], "Missing argument 'RUN'"),
        (["explain", "r", "--rows", "many"], "'many' is not a valid integer"),
        (["explain", "r", "--data", " "], "an empty name is given to --data"),
        (["explain", "r", "--data", "a.csv", "--map", "text"], "not of the form ROLE=COLUMN"),
    ],
)
def test_what_is_malformed_is_a_usage_error(type_in: Type, arguments: list[str], said: str) -> None:
    typed = type_in(*arguments)
    assert typed.status == 2 and said in typed.err
