"""The quarantine file and the lines for the screen."""

from __future__ import annotations

import csv
from dataclasses import replace

from tests.core.prepare.conftest import TASK
from vertikit.contracts import BadRow
from vertikit.prepare.quarantine import count_reasons, write_quarantine
from vertikit.prepare.summary import describe

ROWS = (
    BadRow(3, "text is missing", ',"flu, or so"', "notes.csv"),
    BadRow(
        7, "the same text occurs with different labels (rows 7, 9)", "Mrs Smith\nhas\tfièvre,flu", "notes.csv"
    ),
)


def read(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_raw_row_is_left_out_where_the_task_has_private_columns(tmp_path):
    write_quarantine(tmp_path / "quarantine.csv", TASK, ROWS, show_values=False)
    assert "Smith" not in (tmp_path / "quarantine.csv").read_text()
    assert [
        (row["source"], row["row"], row["reason"], row["raw"]) for row in read(tmp_path / "quarantine.csv")
    ] == [
        ("notes.csv", "3", "text is missing", ""),
        ("notes.csv", "7", "the same text occurs with different labels (rows 7, 9)", ""),
    ]


def test_the_raw_row_is_written_if_asked_for_or_if_nothing_is_private(tmp_path):
    public = replace(TASK, columns=tuple(replace(column, private=False) for column in TASK.columns))
    for task, show in ((TASK, True), (public, False)):
        write_quarantine(tmp_path / "quarantine.csv", task, ROWS, show_values=show)
        assert [row["raw"] for row in read(tmp_path / "quarantine.csv")] == [row.raw for row in ROWS]


def test_reasons_are_ranked_without_what_concerns_one_row():
    rows = [*ROWS, BadRow(9, "the same text occurs with different labels (rows 7, 9)")]
    assert count_reasons(rows) == [("the same text occurs with different labels", 2), ("text is missing", 1)]


def test_the_screen_accounts_for_every_row(run, write, plenty):
    rows = plenty(patient=lambda at: f"patient-{at // 4}", extra="x")
    rows[3]["text"] = ""
    rows[8]["text"] = rows[9]["text"]
    prepared = run(write(rows + plenty(4, patient="patient-0", extra="x")))
    lines = describe(prepared)
    assert "columns that nothing reads: extra" in lines
    removed = len(prepared.removed)
    assert (
        f"rows: 244 read, {len(prepared.quarantine)} quarantined, {removed} taken out as leaks, "
        in "\n".join(lines)
    )
    assert "  quarantined: 1 × text is missing" in lines
    assert any(line.startswith("leaks: 2 rows with 1 text that several labels") for line in lines)
    (fold,) = prepared.folds
    assert (
        f"  test: {len(fold.tests['test'])} rows, {len(set(prepared.examples.group[fold.tests['test']]))} groups"
        in lines
    )
    assert sum(line.count(" train,") for line in lines) == 3
    assert "patient-0" not in "\n".join(lines) and "note number" not in "\n".join(lines)


def test_the_screen_says_that_leaks_were_kept_and_that_there_are_none(run, write, plenty):
    assert any(line.startswith("leaks: none found") for line in describe(run(write(plenty()))))
    kept = describe(run(write(plenty() + plenty(60)), allow_leaks=True))
    assert any("KEPT, as --allow-leaks asks" in line for line in kept)


def test_the_screen_says_what_few_rows_mean(run, write, plenty):
    assert any("few labelled rows" in line for line in describe(run(write(plenty(60)))))


def test_many_classes_are_cut_to_the_largest(run, write, plenty):
    lines = describe(run(write(plenty(400, disease=lambda at: f"d{at % 40}"))))
    assert "classes: 40 of disease" in lines
    assert "  and 10 more" in lines
