"""`vertikit check --noise`: wrong labels are found by models that had not seen them, none of which saw a test row."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from vertikit import UsageError
from vertikit.cli.entry import main
from vertikit.noise.scan import LABELLED, scan_for
from vertikit.noise.told import lines, write
from vertikit.prepare.prepared import Sources
from vertikit.prepare.preparing import prepare
from vertikit.progress import SILENT
from vertikit.recipe import resolve_recipe
from vertikit.registry import registry

TASK = "medical/diagnosis"
QUICK = {"cleaning": {"rare_classes": "quarantine"}}


@pytest.fixture(scope="module")
def flipped(notes, tmp_path_factory):
    """The notes with the labels of 20 rows changed, and the numbers of these rows."""
    table = pd.read_csv(notes, dtype=str)
    usable = table.index[table["disease"].notna() & table["text"].notna()]
    at = np.random.default_rng(0).permutation(usable)[:20]
    labels = sorted(table["disease"].dropna().unique())
    moved = {label: labels[(place + 3) % len(labels)] for place, label in enumerate(labels)}
    table.loc[at, "disease"] = table.loc[at, "disease"].map(moved)
    path = tmp_path_factory.mktemp("flipped") / "notes.csv"
    table.to_csv(path, index=False)
    return path, {int(each) + 1 for each in at}


def scanned(task, source, folder, layers=(), mapping=None):
    known = registry()
    recipe = resolve_recipe(known.task(task), known, layers=layers)
    work = folder / "work"
    work.mkdir()
    sources = Sources((source,), mapping=mapping or {})
    data = prepare(known.task(task), sources, recipe, known, work, SILENT.line)
    return scan_for(data, layers, known, work, SILENT)


@pytest.fixture(scope="module")
def found(flipped, tiny_encoder, tmp_path_factory):
    layers = [{**QUICK, "backbone": str(tiny_encoder)}]
    return scanned(TASK, str(flipped[0]), tmp_path_factory.mktemp("scan"), layers, {"id": "note_id"})


def rows_of(found, part=None):
    return {
        int(found.data.examples.rows[each.at]) for each in found.suspects if part is None or each.part == part
    }


def test_changed_labels_are_listed_far_more_often_than_others(found, flipped):
    wrong = flipped[1] & set(found.data.examples.rows.tolist())
    listed = rows_of(found)
    others = len(found.data.examples) - len(wrong)
    assert len(listed & wrong) / len(wrong) > 0.5
    assert len(listed & wrong) / len(wrong) > 2 * len(listed - wrong) / others
    assert found.judge in ("tfidf-logistic", "majority") or "linear head" in found.judge
    assert {part.name for part in found.parts} == {LABELLED, "test"}


def test_each_suspect_tells_what_was_given_and_what_is_likelier(found):
    truth = found.data.examples.values("disease")
    for each in found.suspects:
        assert each.given == truth[each.at] != each.likely
        assert each.likely in found.data.outcome.labels
        assert each.confidence > each.own
    doubts = [each.doubt for each in found.parts[0].suspects]
    assert doubts == sorted(doubts, reverse=True)
    listed = sum(each.listed for each in found.parts[0].by_class)
    assert listed == len(found.parts[0].suspects) <= found.parts[0].rows


def test_nothing_learns_from_a_test_row(flipped, found, tiny_encoder, tmp_path):
    data = found.data
    tested = data.examples.rows[data.folds[0].tests["test"]]
    table = pd.read_csv(flipped[0], dtype=str)
    labels = sorted(data.outcome.labels)
    own = table.loc[tested - 1, "disease"]
    table.loc[tested - 1, "disease"] = [labels[(labels.index(each) + 1) % len(labels)] for each in own]
    table["disease"] = table["disease"].where(table["disease"].notna(), None)
    path = tmp_path / "other.csv"
    table.to_csv(path, index=False)
    # The same split, given as parts of the user's own: another label of a test row moves no row elsewhere.
    known = registry()
    layers = [{**QUICK, "backbone": str(tiny_encoder)}]
    recipe = resolve_recipe(known.task(TASK), known, layers=layers)
    results = []
    for name, rows in (("a", pd.read_csv(flipped[0], dtype=str)), ("b", table)):
        learnt = rows.drop(index=tested - 1).dropna(subset=["text", "disease"])
        work = tmp_path / name
        work.mkdir()
        sources = Sources((learnt,), tests={"test": (rows.loc[tested - 1],)}, mapping={"id": "note_id"})
        prepared = prepare(known.task(TASK), sources, recipe, known, work, SILENT.line)
        results.append(scan_for(prepared, layers, known, work, SILENT))
    first, second = (
        [(each.given, each.likely, each.confidence) for each in one.parts[0].suspects] for one in results
    )
    assert first == second and first
    assert len(results[1].parts[1].suspects) > len(results[0].parts[1].suspects)


def test_groups_are_judged_by_models_that_have_seen_none_of_their_rows(found, monkeypatch, tiny_encoder):
    import vertikit.noise.scan as scanning

    seen = []
    plain = scanning.out_of_fold

    def watched(*arguments):
        seen.append(plain(*arguments))
        return seen[-1]

    monkeypatch.setattr(scanning, "out_of_fold", watched)
    recipe = resolve_recipe(
        registry().task(TASK), registry(), layers=[{**QUICK, "backbone": str(tiny_encoder)}]
    )
    scanning.scan(found.data, recipe, registry(), tiny_encoder, SILENT)
    groups = found.data.examples.group
    assert groups is not None
    for inside, outside in seen[0]:
        assert not set(groups[inside]) & set(groups[outside])


def test_the_command_tells_rows_and_writes_them(flipped, tmp_path, capsys, tiny_encoder):
    output = tmp_path / "noise.csv"
    arguments = ["check", TASK, str(flipped[0]), "--map", "id=note_id", "--set", f"backbone={tiny_encoder}",
                 "--set", "cleaning.rare_classes=quarantine", "--noise"]  # fmt: skip
    assert main([*arguments, "--output", str(output)]) == 0
    told = capsys.readouterr().out
    assert "training and validation rows: " in told and "estimated share of wrong labels" in told
    assert f"{output} lists" in told and "Nothing was taken out" in told
    with output.open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert written and {"row", "part", "given", "likely", "confidence"} <= written[0].keys()
    assert {line["part"] for line in written} <= {"train or valid", "test"}
    assert main([*arguments, "--output", str(output)]) == 2
    assert "not overwritten" in capsys.readouterr().err
    assert main(["check", TASK, str(flipped[0]), "--output", "x.csv"]) == 2
    assert "--output goes with --noise" in capsys.readouterr().err


def test_values_of_a_private_target_are_hidden_unless_asked_for(found, tmp_path):
    task = found.data.task
    target = replace(task.target, private=True)
    columns = tuple(target if column == task.target else column for column in task.columns)
    hidden = replace(found, data=replace(found.data, task=replace(task, columns=columns)))
    labels = found.data.outcome.labels
    told = "\n".join(lines(hidden, show_values=False))
    write(hidden, tmp_path / "a.csv", show_values=False)
    for text in (told, (tmp_path / "a.csv").read_text(encoding="utf-8")):
        assert not any(label in text for label in labels)
    write(hidden, tmp_path / "b.csv", show_values=True)
    assert any(label in (tmp_path / "b.csv").read_text(encoding="utf-8") for label in labels)
    assert len(list(lines(hidden, show_values=True))) > len(list(lines(hidden, show_values=False)))


def test_numbers_far_from_what_is_foretold_of_them_are_listed(tmp_path, tiny_encoder):
    rng = np.random.default_rng(0)
    words = ["cough", "fever", "itch", "pain", "rash", "cold", "night", "sweat"]
    answers = [" ".join(rng.choice(words, 5)) for _ in range(300)]
    grades = np.array([sum(2.0 for word in text.split() if word in ("cough", "fever")) for text in answers])
    grades += rng.normal(0, 0.2, 300)
    wrong = rng.permutation(300)[:6]
    grades[wrong] += 12.0
    table = pd.DataFrame({"answer": answers, "reference": "cough and fever", "grade": grades.round(3)})
    layers = [{"backbone": str(tiny_encoder), "baselines": ["tfidf-ridge"], "split": "stratified"}]
    found = scanned("education/grading", table, tmp_path, layers)
    assert found.data.outcome.kind == "numbers"
    there = set((wrong + 1).tolist()) & set(found.data.examples.rows.tolist())
    assert there <= rows_of(found)
    assert all(each.deviations > 3.5 for each in found.suspects)
    assert len(rows_of(found)) < 20


def test_tables_are_judged_by_a_baseline(tmp_path):
    rng = np.random.default_rng(0)
    hours = pd.date_range("2026-01-01", periods=600, freq="h")
    heat = rng.normal(0, 1, 600)
    fault = (heat > 1.2).astype(int)
    wrong = rng.permutation(np.flatnonzero(np.abs(heat) < 0.5))[:8]
    fault[wrong] = 1 - fault[wrong]
    table = pd.DataFrame({
        "unit": [f"u{at % 30}" for at in range(600)], "time": hours.astype(str), "heat": heat.round(4),
        "speed": rng.normal(0, 1, 600).round(4), "fault": fault,
    })  # fmt: skip
    layers = [{"experts": []}]
    found = scanned("manufacturing/fault", table, tmp_path, layers)
    assert "linear head" not in found.judge
    there = set((wrong + 1).tolist()) & set(found.data.examples.rows.tolist())
    assert len(there & rows_of(found)) / len(there) > 0.7


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (lambda: [(f"cough {at} days", "ab"[at % 2]) for at in range(28)], "too few to judge labels by"),
        (
            lambda: [(f"cough {at} days", f"d{at // 2}" if at < 60 else "a") for at in range(100)],
            "fewer than two classes",
        ),
    ],
)
def test_too_few_rows_are_told_in_one_line(rows, said, tmp_path, tiny_encoder):
    table = pd.DataFrame(rows(), columns=["text", "disease"])
    with pytest.raises(UsageError, match=said):
        scanned(TASK, table, tmp_path, [{"backbone": str(tiny_encoder)}])


def test_where_nobody_looks_at_the_rows_that_is_told(flipped, tmp_path):
    layers = [{**QUICK, "backbone": {"name": "ngrams", "buckets": 256, "width": 4}, "strategy": "full",
               "baselines": ["majority"]}]  # fmt: skip
    with pytest.raises(UsageError, match="nobody to judge labels by"):
        scanned(TASK, str(flipped[0]), tmp_path, layers, {"id": "note_id"})
