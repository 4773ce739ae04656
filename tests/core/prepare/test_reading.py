from __future__ import annotations

import numpy as np
import pytest

from vertikit import UsageError


def test_every_row_has_its_position_and_its_number(read, tmp_path):
    first, second = tmp_path / "a.csv", tmp_path / "b.jsonl"
    first.write_text('text,age\nfever,3\n,4\nshort\n"open,5\nrash,70\n')
    second.write_text('{"text": null}\n{"text": "cough"}\nnonsense\n')
    rows = read([str(first), str(second)])
    assert rows.read == 8
    assert rows.examples.column("text") == ["fever", "rash", "cough"]
    assert rows.position.tolist() == [0, 4, 6]
    assert rows.bad_position.tolist() == [1, 2, 3, 5, 7]
    assert rows.examples.rows.tolist() == [1, 5, 2]
    assert [(bad.source, bad.row) for bad in rows.bad] == [
        ("a.csv", 2),
        ("a.csv", 3),
        ("a.csv", 4),
        ("b.jsonl", 1),
        ("b.jsonl", 3),
    ]


def test_a_file_without_any_usable_row_gives_no_example_and_all_reasons(read, tmp_path):
    path = tmp_path / "a.csv"
    path.write_text('text,age\n"open,3\nshort\n,5\n')
    rows = read([str(path)])
    assert len(rows.examples) == 0
    assert rows.examples.column("text") == []
    assert rows.bad_position.tolist() == [0, 1, 2]
    path.write_text('text,age\n"open,3\nshort\n')
    assert read([str(path)]).bad_position.tolist() == [0, 1]


def test_columns_that_come_in_another_order_are_read_as_one_table(read, write):
    one = write([{"text": "fever", "age": "3", "extra": "x"}], "a.csv")
    two = write([{"AGE": "70", "other": "y", "text": "rash"}], "b.csv")
    rows = read([one, two])
    assert rows.examples.table[:] == {
        "text": ["fever", "rash"],
        "disease": [None, None],
        "age": ["<18", "65+"],
    }
    assert rows.unused == ("extra", "other")
    assert rows.columns == {"text": "text", "age": "age"}


def test_an_optional_column_that_one_file_lacks_is_missing_there(read, write):
    rows = read([write([{"text": "fever", "age": "3"}], "a.csv"), write([{"text": "rash"}], "b.csv")])
    assert rows.examples.column("age") == ["<18", None]


def test_a_required_column_that_one_file_lacks_names_the_file(read, write):
    with pytest.raises(UsageError, match=r"b\.csv has no column 'text'"):
        read([write([{"text": "fever"}], "a.csv"), write([{"note": "rash"}], "b.csv")])


def test_a_target_is_kept_where_it_is_and_asked_for_only_if_needed(read, write):
    path = write(
        [{"text": "a", "disease": "flu"}, {"text": "b", "disease": ""}, {"text": "c", "disease": "x" * 300}]
    )
    rows = read([path])
    assert rows.examples.column("disease") == ["flu", None, None]
    assert rows.bad == ()
    assert any("disease" in note and "200 characters" in note for note in rows.notes)
    judged = read([path], targets=True)
    assert judged.examples.column("disease") == ["flu"]
    assert [bad.reason.partition(" is ")[0] for bad in judged.bad] == ["disease", "disease"]


def test_missing_values_are_told_by_column(read, write):
    path = write([{"text": text, "disease": "flu"} for text in ("", "  ", "NaN", "n/a", "NULL", "none")])
    rows = read([path], targets=True)
    assert rows.examples.column("text") == ["none"]
    assert {bad.reason for bad in rows.bad} == {"text is missing"}


def test_all_faults_of_a_row_are_told_at_once(read, write):
    (bad,) = read([write([{"text": "", "disease": ""}])], targets=True).bad
    assert bad.reason == "text is missing; disease is missing"


def test_a_nul_byte_costs_its_row(read, write):
    rows = read([write([{"text": "fe\x00ver"}, {"text": "rash"}])])
    assert rows.examples.column("text") == ["rash"]
    assert "NUL byte" in rows.bad[0].reason


def test_a_long_text_is_kept_whole(read, write):
    text = "word " * 20_000
    assert read([write([{"text": text}])]).examples.column("text") == [text.strip()]


def test_an_optional_value_that_cannot_be_read_is_missing_and_counted(read, write):
    rows = read(
        [write([{"text": "a", "age": "abc"}, {"text": "b", "age": "7"}, {"text": "c", "age": "xyz"}])]
    )
    assert rows.examples.column("age") == [None, "<18", None]
    assert rows.notes == ("notes.csv: age cannot be read in 2 rows, and counts as missing there",)


def test_private_values_stand_in_no_reason_and_no_note(read, write):
    from dataclasses import replace

    from tests.core.prepare.conftest import TASK
    from vertikit import Sensitive

    secret = Sensitive("text", private=True, bands=(18,))
    task = replace(
        TASK, columns=(replace(TASK.columns[1], required=True, private=False), *TASK.columns[2:], secret)
    )
    path = write([{"history": "h", "text": "Smith", "disease": "flu"}])
    rows = read([path], task=task)
    assert rows.notes == ("notes.csv: text cannot be read in 1 row, and counts as missing there",)


def test_groups_are_those_of_the_column_or_none(read, write):
    path = write([{"text": "a", "patient": "p1"}, {"text": "b", "patient": ""}])
    assert read([path]).examples.group.tolist() == ["p1", None]
    assert read([path], drop=["patient"]).examples.group is None
    assert read([write([{"text": "a", "patient": ""}])]).examples.group is None


def test_dropping_what_a_new_file_lacks_is_no_error(read, write):
    assert len(read([write([{"text": "a"}])], drop=["site"]).examples) == 1


def test_the_rows_as_read_are_not_left_on_disk(read, write, tmp_path):
    read([write([{"text": "a", "name": "Mrs Smith"}])])
    assert all(
        b"Smith" not in path.read_bytes() for path in (tmp_path / "read-0").rglob("*") if path.is_file()
    )


def test_taken_examples_keep_what_belongs_to_them(read, write):
    path = write([{"text": name, "patient": f"p{name}"} for name in "abc"])
    taken = read([path]).examples.take(np.array([2, 0]))
    assert taken.column("text") == ["c", "a"]
    assert taken.rows.tolist() == [3, 1]
    assert taken.group.tolist() == ["pc", "pa"]
