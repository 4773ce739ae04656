"""Rows that cannot be judged, and run folders that are damaged, tampered with, unfinished, or none."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.journeys.conftest import SECRET, Desk, refuses, rows, said_in_a_few_lines


def test_a_label_unseen_in_training_is_counted_and_the_other_rows_are_judged(
    desk: Desk, finished: Path
) -> None:
    desk.write("other.csv", rows(30, start=500) + f"bleeding gums {SECRET},scurvy\n,cold\n")
    typed = desk.type("evaluate", finished, "--data", "other.csv", "--output", "judged")
    assert typed.status == 0, typed.err
    assert "rows: 32 read, 2 cannot be used" in typed.err
    assert SECRET not in typed.out + typed.err
    quarantine = pd.read_csv("judged/quarantine.csv")
    assert sorted(zip(quarantine.row, quarantine.reason, strict=True)) == [
        (31, "disease 'scurvy' is none of the run's classes"),
        (32, "text is missing"),
    ]
    assert json.loads(Path("judged/metrics.json").read_text())["rows"]["test"] == 30


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"text,disease\n{SECRET},scurvy\nfever,gout\n", ("none of the 2 usable rows", "acne, cold, flu.", "--map")),
        (f"text,disease\n,cold\n{SECRET},\n", ("none of the 2 rows can be used", "text is missing", "disease is")),
    ],
)  # fmt: skip
def test_rows_of_which_none_can_be_judged_are_refused_with_the_true_reason(
    desk: Desk, finished: Path, content: str, says: tuple[str, ...]
) -> None:
    desk.write("other.csv", content)
    refuses(desk, ("evaluate", finished, "--data", "other.csv", "--output", "judged"), 1, *says)


def test_an_unfinished_evaluation_is_not_to_be_resumed(desk: Desk, finished: Path) -> None:
    desk.write("notes.csv", rows(30, start=500))
    Path("judged.partial").mkdir()
    before = desk.everything()
    typed = desk.type("evaluate", finished, "--data", "notes.csv", "--output", "judged")
    said_in_a_few_lines(typed, 2, ["judged.partial", "Remove the folder"])
    assert "--resume" not in typed.err and desk.everything() == before


def test_rows_of_which_none_can_be_used_are_answered_with_their_reasons(desk: Desk, finished: Path) -> None:
    desk.write("bad.csv", "text\n\n   \nNaN\n")
    typed = desk.type("predict", finished, "bad.csv", "--output", "answers.jsonl")
    assert typed.status == 0 and "3 of 3 rows cannot be used" in typed.err
    assert [json.loads(line)["error"] for line in Path("answers.jsonl").read_text().splitlines()] == [
        "text is missing"
    ] * 3


# Damaged runs

Damage = Callable[[Path], object]


def _task(**changes: Any) -> Damage:
    def damage(run: Path) -> None:
        manifest = json.loads((run / "task.json").read_text())
        for key, value in changes.items():
            manifest.pop(key) if value is None else manifest.update({key: value})
        (run / "task.json").write_text(json.dumps(manifest))

    return damage


def _cut(name: str, size: int) -> Damage:
    return lambda run: (run / name).write_bytes((run / name).read_bytes()[:size])


DAMAGES: dict[str, tuple[Damage, str]] = {
    "metrics changed": (lambda run: _replace(run / "metrics.json", "0.", "0.9"), "metrics.json"),
    "metrics no JSON": (_cut("metrics.json", 20), "metrics.json"),
    "head cut": (_cut("model/head.safetensors", 50), "head.safetensors"),
    "head empty": (_cut("model/head.safetensors", 0), "head.safetensors"),
    "head gone": (lambda run: (run / "model/head.safetensors").unlink(), "head.safetensors"),
    "recipe gone": (lambda run: (run / "recipe.yaml").unlink(), "recipe.yaml"),
    "recipe changed": (lambda run: _replace(run / "recipe.yaml", "epochs: 1", "epochs: 2"), "recipe.yaml"),
    "task no JSON": (lambda run: (run / "task.json").write_text("no json"), "task.json"),
    "task empty": (_cut("task.json", 0), "task.json"),
    "task a list": (lambda run: (run / "task.json").write_text("[]"), "task.json"),
    "task an empty object": (lambda run: (run / "task.json").write_text("{}"), "task.json"),
    "task bytes": (lambda run: (run / "task.json").write_bytes(b"\xff\xfe\x00"), "task.json"),
    "task deep": (lambda run: (run / "task.json").write_text("[" * 100_000), "task.json"),
    "no labels": (_task(labels=None), "'labels'"),
    "no task": (_task(task=None), "'task'"),
    "no columns": (_task(columns=None), "'columns'"),
    "no backbones": (_task(backbones=None), "'backbones'"),
    "no files": (_task(files=None), "task.json"),
    "labels a number": (_task(labels=3), "'labels'"),
    "labels too few": (_task(labels=["cold"]), "head.safetensors"),
    "task a number": (_task(task=5), "'task'"),
    "columns a list": (_task(columns=[1]), "'columns'"),
    "backbones a list": (_task(backbones=[]), "'backbones'"),
    "backbones empty": (_task(backbones={}), "'backbones'"),
    "files a list": (_task(files=["metrics.json"]), "task.json"),
    "files empty": (_task(files={}), "does not list"),
    "another format": (_task(format=99), "format 99 is newer"),
    "a format that is none": (_task(format="x"), "task.json"),
    "a path beside the run": (_task(files={"../notes.csv": "0"}), "outside the run"),
    "a path from the root": (_task(files={"/etc/passwd": "0"}), "outside the run"),
    "other weights of the encoder": (_task(backbones={"text": {"sha256": "0" * 64}}), "sha256 000000000000"),
}  # fmt: skip


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_refused_with_the_file_that_is(desk: Desk, finished: Path, damage: str) -> None:
    desk.write("notes.csv", rows(9))
    shutil.copytree(finished, "run")
    change, says = DAMAGES[damage]
    change(Path("run"))
    refuses(desk, ("predict", "run", "notes.csv", "--output", "answers.csv"), 1, says)
    refuses(desk, ("evaluate", "run", "--data", "notes.csv", "--output", "judged"), 1, says)


@pytest.mark.parametrize(
    "damage", ["metrics changed", "metrics no JSON", "task no JSON", "task a list", "task deep"]
)
def test_numbers_that_were_changed_are_not_shown_as_the_runs_own(
    desk: Desk, finished: Path, damage: str
) -> None:
    Path("runs").mkdir()
    shutil.copytree(finished, "runs/run")
    shutil.copytree(finished, "runs/whole")
    DAMAGES[damage][0](Path("runs/run"))
    refuses(desk, ("report", "runs/run"), 1, "runs/run")
    refuses(desk, ("compare", "runs/whole", "runs/run"), 1, "runs/run is damaged")
    listed = json.loads(desk.type("runs", "--json").out)
    assert {Path(each["folder"]).name: each["state"] for each in listed} == {"run": "damaged", "whole": "ok"}


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("late.partial", ("not finished", "--resume")),
        ("gone", ("no such run", "vertikit runs")),
        ("notes.csv", ("no such run",)),
        ("empty", ("no task.json",)),
        ("judged", ("is an evaluation of the run", "Name the run itself")),
    ],
)
def test_what_is_no_finished_run_is_not_used_as_one(
    desk: Desk, finished: Path, folder: str, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows(9))
    shutil.copytree(finished, "late.partial")
    Path("empty").mkdir()
    if folder == "judged":
        desk.write("others.csv", rows(30, start=500))
        assert desk.type("evaluate", finished, "--data", "others.csv", "--output", "judged").status == 0
    refuses(desk, ("predict", folder, "notes.csv", "--output", "answers.csv"), 2, *says)
