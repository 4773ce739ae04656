"""Rules that people wrote down, read from a file and asked about rows."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Card, Category, Flag, Number, Protocol, Task, UsageError, VertikitError
from vertikit.examples import Examples
from vertikit_plugins.experts.rules import Rules

pytest.importorskip("polars")
TASK = Task(
    name="toy/machine",
    summary="Runs.",
    columns=(
        Number("heat [K]"),
        Number("speed", required=False),
        Category("kind"),
        Flag("fault", negative="sound"),
    ),
    protocol=Protocol(splits=("stratified",), primary="ks", metrics=(), baselines=(), why=""),
    card=Card(intended_use="", population="", limits=""),
)
LABELS = ("sound", "fault")
RULES = """
columns:
  heat: heat [K]
rules:
  - {name: hot, when: heat > 90 AND kind = 'L', then: fault, at_least: 0.9, reason: it is hot}
  - {name: slow, when: speed < 5, then: fault, at_most: 0.2}
"""


def rows(**columns: list[object]) -> Examples:
    count = len(next(iter(columns.values())))
    nothing = np.full(count, "", object)
    return Examples(Dataset.from_dict(columns), np.arange(1, count + 1), nothing, nothing)


MACHINES = {
    "heat [K]": [95.0, 95.0, 10.0, 95.0],
    "speed": [9.0, 9.0, 1.0, None],
    "kind": ["L", "M", "L", "L"],
}


def expert(folder: Path, text: str = RULES, use: tuple[str, ...] = ("features",)) -> Rules:
    (folder / "rules.yaml").write_text(text, encoding="utf-8")
    made = Rules(file=str(folder / "rules.yaml"), use=use)  # type: ignore[arg-type]
    assert made.begin(TASK, ("heat [K]", "speed", "kind")) == ""
    return made


def test_each_rule_is_a_column_of_zero_and_one_and_missing_where_a_value_is(tmp_path: Path) -> None:
    rules = expert(tmp_path)
    found = rules.features(rows(**MACHINES), None)
    assert [column.name for column in rules.columns()] == ["rule hot", "rule slow"] == list(found)
    assert found["rule hot"].tolist() == [1, 0, 0, 1]
    assert found["rule slow"][:3].tolist() == [0, 0, 1] and np.isnan(found["rule slow"][3])
    assert rules.rulings(rows(**MACHINES), LABELS) is None


def test_as_constraint_they_bound_the_classes_and_say_why(tmp_path: Path) -> None:
    rules = expert(tmp_path, use=("constraint",))
    assert rules.columns() == ()
    held = rules.rulings(rows(**MACHINES), LABELS)
    assert held is not None
    assert held.lowest[:, 1].tolist() == [0.9, 0, 0, 0.9] and held.highest[:, 1].tolist() == [1, 1, 0.2, 1]
    assert held.reasons.tolist() == ["it is hot", "", "slow (speed < 5)", "it is hot"]


def test_rules_that_contradict_each_other_hold_nothing_and_say_so(tmp_path: Path) -> None:
    held = expert(tmp_path, use=("veto",)).rulings(rows(**{**MACHINES, "speed": [1.0] * 4}), LABELS)
    assert held is not None and held.lowest[0].tolist() == [0, 0] and held.highest[0].tolist() == [1, 1]
    assert held.reasons[0] == "rules contradict each other: it is hot, and slow (speed < 5)"


def test_a_run_brings_its_own_copy_of_the_rules(tmp_path: Path) -> None:
    first = expert(tmp_path, use=("features", "constraint"))
    state = first.state()
    (tmp_path / "rules.yaml").unlink()
    second = Rules(file=str(tmp_path / "rules.yaml"), use=("features", "constraint"))
    second.begin(TASK, ("heat [K]", "speed", "kind"))
    with pytest.raises(UsageError, match="there is no such file of rules"):
        second.columns()
    second.load(state)
    ours, theirs = first.features(rows(**MACHINES), None), second.features(rows(**MACHINES), None)
    assert all(np.array_equal(ours[name], theirs[name], equal_nan=True) for name in ours)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rules: [", "is no YAML in line 1"),
        ("- a", "holds no list of `rules`"),
        ("rules: []", "holds no list of `rules`"),
        ("rule: []\nrules: [{name: a, when: b, then: c}]", "unknown key 'rule'"),
        ("rules: [3]", "rule 1 is no list of keys"),
        ("rules: [{name: a, then: fault}]", "rule 1 lacks 'when'"),
        ("rules: [{name: a, when: speed > 1, then: fault, atleast: 1}]", "unknown key 'atleast'"),
        ("rules: [{name: a, when: speed > 1, then: fault, at_least: 2}]", "no bounds between 0 and 1"),
        (
            "rules: [{name: a, when: speed > 1, then: fault}, {name: a, when: speed > 2, then: fault}]",
            "two rules called 'a'",
        ),
    ],
)
def test_a_file_that_is_wrong_says_where(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"rules\.yaml") as error:
        expert(tmp_path, text)
    assert said in error.value.what


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("speed <", "its condition cannot be read"),
        ("sped > 1", "names the column 'sped', which the data has not"),
        ("speed > 'x'", "its condition cannot be used"),
        ("speed + 1", "is neither true nor false"),
        ("speed > AVG(speed)", "looks at other rows"),
        ("SUM(speed) > 3", "looks at other rows"),
        ("speed IN (SELECT 1)", "asks for another table"),
    ],
)
def test_a_condition_that_is_wrong_says_which(tmp_path: Path, condition: str, said: str) -> None:
    rules = expert(tmp_path, f'rules: [{{name: a, when: "{condition}", then: fault}}]')
    with pytest.raises(UsageError, match="rule 'a'") as error:
        rules.features(rows(**MACHINES), None)
    assert said in error.value.what
    if "sped" in condition:
        assert "speed" in error.value.do


def test_a_class_that_there_is_not_and_a_short_name_of_nothing_are_refused(tmp_path: Path) -> None:
    rules = expert(tmp_path, "rules: [{name: a, when: speed > 1, then: falt}]", ("veto",))
    with pytest.raises(VertikitError, match="speaks of 'falt', which is none of the classes") as error:
        rules.rulings(rows(**MACHINES), LABELS)
    assert "fault" in error.value.do
    with pytest.raises(UsageError, match="'h' stands for 'heet'"):
        expert(tmp_path, "columns: {h: heet}\nrules: [{name: a, when: h > 1, then: fault}]").features(
            rows(**MACHINES), None
        )


@pytest.mark.parametrize(
    ("options", "said"), [({}, "no file is named"), ({"file": "r", "use": ["all"]}, "'all'")]
)
def test_options_that_are_wrong_are_refused(options: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Rules(**options)  # type: ignore[arg-type]
