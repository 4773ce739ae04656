from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.core.prepare.conftest import TASK
from vertikit import UsageError, VertikitError


def test_rows_become_examples_with_parsed_values(run, write, plenty):
    told: list[str] = []
    rows = plenty(age=lambda at: str(at % 90), site="x")
    rows[4]["disease"] = "  cold "
    prepared = run(write(rows), told=told)
    assert prepared.columns == {"text": "text", "disease": "disease", "age": "age"}
    assert prepared.unused == ("site",)
    assert prepared.outcome.labels == ("acne", "cold", "flu")
    assert set(prepared.examples.column("age")) == {"<18", "18-64", "65+"}
    assert prepared.split == "stratified"
    assert told[0] == "notes.csv: 240 rows"
    assert prepared.notes == ()


def test_several_files_are_one_table(run, write, plenty):
    prepared = run([write(plenty(120), "a.csv"), write(plenty(120, start=120), "b.csv")])
    assert prepared.read == 240
    assert prepared.examples.source.tolist() == ["a.csv"] * 120 + ["b.csv"] * 120
    assert prepared.examples.rows[[0, 119, 120]].tolist() == [1, 120, 1]


def test_a_data_frame_does_as_well_as_a_file(run, write, plenty):
    frame = pd.DataFrame(plenty())
    prepared = run(frame)
    same = run(write(plenty()))
    assert prepared.fingerprint == same.fingerprint
    assert np.array_equal(prepared.folds[0].train, same.folds[0].train)


def test_unusable_rows_are_listed_and_the_examples_close_up(run, write, plenty):
    rows = plenty()
    rows[10]["text"] = ""
    rows[20]["disease"] = "NaN"
    rows[30]["text"] = "fe\x00ver"
    prepared = run(write(rows))
    assert [(bad.row, bad.source) for bad in prepared.quarantine] == [
        (11, "notes.csv"),
        (21, "notes.csv"),
        (31, "notes.csv"),
    ]
    assert prepared.read == 240 == len(prepared.examples) + 3
    assert prepared.examples.rows[9:12].tolist() == [10, 12, 13]
    assert prepared.examples.column("text")[10] == rows[11]["text"]
    fold = prepared.folds[0]
    assert sorted(np.concatenate([fold.train, fold.valid, fold.tests["test"]])) == list(range(237))


def test_rows_set_aside_late_leave_no_gap_between_rows_values_and_groups(run, write, plenty):
    rows = plenty(patient=lambda at: f"p{at // 2}")
    rows[2]["text"] = rows[4]["text"]
    prepared = run(write(rows))
    assert [bad.row for bad in prepared.quarantine] == [3, 5]
    examples = prepared.examples
    expected = [rows[row - 1] for row in examples.rows]
    assert examples.column("text") == [row["text"] for row in expected]
    assert examples.group.tolist() == [row["patient"] for row in expected]
    assert len(examples) == 238
    assert max(part.max() for part in (prepared.folds[0].train, prepared.folds[0].tests["test"])) < 238


def test_too_many_unusable_rows_stop_the_run_with_the_reasons_ranked(run, write, plenty):
    rows = plenty(100)
    for at in range(30):
        rows[at]["text" if at < 20 else "disease"] = ""
    with pytest.raises(VertikitError, match="30 of 100 rows cannot be used: more than the 20%") as error:
        run(write(rows))
    assert error.value.details == ("20 rows: text is missing", "10 rows: disease is missing")
    assert len(run(write(rows), cleaning={"max_quarantined": 0.5}).quarantine) == 30


def test_no_usable_row_at_all_stops_whatever_is_allowed(run, write, plenty):
    rows = plenty(10, text="")
    with pytest.raises(VertikitError, match="none is left"):
        run(write(rows), cleaning={"max_quarantined": 1.0})


def test_conflicting_labels_count_among_the_unusable_rows(run, write, plenty):
    rows = plenty(100)
    for row in rows[:30]:
        row["text"] = "the same"
    with pytest.raises(VertikitError, match="30 of 100 rows cannot be used") as error:
        run(write(rows))
    assert error.value.details == ("30 rows: the same text occurs with different labels",)


def test_one_class_is_refused(run, write, plenty):
    with pytest.raises(VertikitError, match="the one class 'flu' in all 50 usable rows"):
        run(write(plenty(50, disease="flu")))


def test_a_column_of_nearly_one_class_a_row_is_refused(run, write, plenty):
    with pytest.raises(VertikitError, match="looks like free text or an id") as error:
        run(write(plenty(100, code=lambda at: f"c{at}")), mapping={"disease": "code"}, drop=["disease"])
    assert "--map disease=COLUMN" in error.value.do
    assert "'code'" in error.value.what


def test_a_class_of_one_row_stops_the_run_or_goes_to_quarantine(run, write, plenty):
    rows = plenty()
    rows[7]["disease"] = "gout"
    with pytest.raises(VertikitError, match="1 of 4 classes of disease with fewer than 2") as error:
        run(write(rows))
    assert error.value.details == ("class 'gout': 1 row",)
    assert "cleaning.rare_classes=quarantine" in error.value.do
    prepared = run(write(rows), cleaning={"rare_classes": "quarantine"})
    assert [(bad.row, bad.reason) for bad in prepared.quarantine] == [
        (8, "class 'gout' has too few rows (1)")
    ]
    assert "gout" not in prepared.outcome.labels


def test_copies_do_not_make_a_class_less_rare(run, write, plenty):
    rows = plenty()
    rows[7] = rows[8] = {"text": "swollen toe", "disease": "gout"}
    with pytest.raises(VertikitError, match="1 of 4 classes"):
        run(write(rows))


def test_classes_that_differ_in_case_alone_are_pointed_out(run, write, plenty):
    rows = plenty()
    for row in rows[:60]:
        row["disease"] = row["disease"].title()
    prepared = run(write(rows))
    assert len(prepared.outcome.labels) == 6
    assert any(note.startswith("classes 'Flu' and 'flu' differ in case alone") for note in prepared.notes)


def test_a_label_that_training_lacks_is_quarantined_in_the_test(run, write, plenty):
    test = plenty(30, start=90)
    test[4]["disease"] = "gout"
    prepared = run(write(plenty(90)), tests={"test": [write(test, "test.csv")]})
    assert [(bad.source, bad.row, bad.reason) for bad in prepared.quarantine] == [
        ("test.csv", 5, "class 'gout' does not occur in the training data")
    ]
    assert len(prepared.folds[0].tests["test"]) == 29


def test_ids_that_name_two_rows_are_refused_with_the_rows(run, write, plenty):
    rows = plenty(note_id=lambda at: at % 100)
    with pytest.raises(
        VertikitError, match=r"'note_id' should name each row once, but rows 1, 101, 201"
    ) as error:
        run(write(rows), mapping={"id": "note_id"})
    assert "99 further ids" in error.value.what
    assert "--drop note_id" in error.value.do
    assert "id" in run(write(plenty(id=lambda at: at))).columns
    assert "id" not in run(write(rows), drop=["note_id"]).columns


def test_files_of_one_part_share_their_ids(run, write, plenty):
    files = [write(plenty(90, start, id=lambda at: at % 90), f"{start}.csv") for start in (0, 90)]
    with pytest.raises(VertikitError, match=r"row 1 of 0\.csv, row 1 of 90\.csv have the same id"):
        run(files)


def test_each_part_may_count_its_ids_from_one(run, write, plenty):
    test = plenty(30, start=90, id=lambda at: at - 90)
    prepared = run(write(plenty(90, id=lambda at: at)), tests={"test": [write(test, "test.csv")]})
    assert prepared.read == 120


def test_patients_make_the_split_grouped(run, write, plenty):
    prepared = run(write(plenty(patient=lambda at: f"p{at // 4}")))
    assert prepared.split == "grouped"


def test_a_named_split_that_does_not_fit_says_why(run, write, plenty):
    with pytest.raises(UsageError, match="needs a group column"):
        run(write(plenty()), split="grouped")
    with pytest.raises(UsageError, match="divide the rows of a group"):
        run(write(plenty(patient=lambda at: f"p{at // 4}")), split="stratified")
    with pytest.raises(UsageError, match="'groupd'"):
        run(write(plenty()), split="groupd")


def test_where_no_split_fits_each_says_why(run, write, plenty):
    with pytest.raises(UsageError, match="none of the splits of clinic/triage fits") as error:
        run(write(plenty(patient=lambda at: f"p{at % 2}")))
    assert len(error.value.details) == 3
    assert any("this data has 2" in line for line in error.value.details)


def test_an_official_validation_part_has_the_test_held_out_of_training(run, write, plenty):
    prepared = run(write(plenty(90)), valid=[write(plenty(60, start=90), "valid.csv")])
    (fold,) = prepared.folds
    assert len(fold.valid) == 60
    assert len(fold.tests["test"]) == 18
    assert set(prepared.examples.part[fold.valid]) == {"valid"}


def test_a_test_that_repeats_all_training_rows_is_refused(run, write, plenty):
    path = write(plenty(90))
    with pytest.raises(VertikitError, match="no training rows are left"):
        run(path, tests={"test": [path]})


def test_few_labelled_rows_are_to_be_refitted(run, write, plenty):
    assert not run(write(plenty())).folds[0].refit
    assert run(write(plenty(60))).folds[0].refit
    many_classes = plenty(320, disease=lambda at: f"d{at % 80}")
    assert run(write(many_classes)).folds[0].refit
    rows = plenty(600)
    for row in rows[:4]:
        row["disease"] = "gout"
    assert not run(write(rows)).folds[0].refit, "one rare class among many rows"


def test_four_rows_a_class_with_a_test_of_its_own(run, write, plenty):
    prepared = run(
        write(plenty(96, disease=lambda at: f"d{at % 24}")),
        tests={"test": [write(plenty(240, start=96, disease=lambda at: f"d{at % 24}"), "test.csv")]},
    )
    (fold,) = prepared.folds
    classes = np.array(prepared.examples.column("disease"))
    assert fold.refit
    assert len(set(classes[fold.train])) == 24
    assert len(fold.tests["test"]) == 240


def test_the_same_data_and_seed_give_the_same_split(run, write, plenty):
    first, again, other = (run(write(plenty()), seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(first.folds[0].train, again.folds[0].train)
    assert not np.array_equal(first.folds[0].train, other.folds[0].train)
    assert first.fingerprint == other.fingerprint


def test_the_fingerprint_changes_with_every_value_and_not_with_the_file(run, write, plenty):
    base = run(write(plenty())).fingerprint
    assert len(base) == 64
    assert run(write(plenty(), "other.csv")).fingerprint == base
    renamed = [{"TEXT": row["text"], "disease": row["disease"]} for row in plenty()]
    assert run(write(renamed)).fingerprint == base
    changed = plenty()
    changed[100]["text"] += "."
    assert run(write(changed)).fingerprint != base
    relabelled = plenty()
    relabelled[100]["disease"] = relabelled[101]["disease"]
    assert run(write(relabelled)).fingerprint != base
    assert run(write(list(reversed(plenty())))).fingerprint != base


def test_hints_on_columns_are_notes(run, write, plenty):
    prepared = run(write(plenty(patient_id=lambda at: f"p{at // 2}")))
    assert prepared.split == "stratified"
    assert any("--map patient=patient_id" in note for note in prepared.notes)


def test_no_data_and_odd_test_names_are_refused(run, write, plenty):
    with pytest.raises(UsageError, match="no training data"):
        run([])
    with pytest.raises(UsageError, match="cannot be called 'valid'"):
        run(write(plenty()), tests={"valid": [write(plenty(), "v.csv")]})


def test_a_split_that_puts_an_example_in_two_parts_is_found_out(run, write, plenty, monkeypatch):
    from vertikit_plugins.splits.stratified import Stratified

    whole = Stratified.split

    def leaking(self, *given, **shares):
        return [
            replace(fold, train=np.append(fold.train, fold.tests["test"][0]))
            for fold in whole(self, *given, **shares)
        ]

    monkeypatch.setattr(Stratified, "split", leaking)
    with pytest.raises(VertikitError, match="puts an example in two parts"):
        run(write(plenty()))


def test_a_class_of_one_patient_is_learnt_and_known_not_to_be_judged(run, write, plenty):
    rows = plenty(patient=lambda at: f"p{at // 2}")
    for row in rows[:6]:
        row.update(disease="gout", patient="one")
    prepared = run(write(rows))
    assert any(note.startswith("1 class without a test row") and "'gout'" in note for note in prepared.notes)


def test_a_private_target_is_never_quoted(run, write, plenty):
    private = tuple(replace(column, private=column.name != "id") for column in TASK.columns)
    task = replace(TASK, columns=private)
    rows = plenty()
    rows[7]["disease"] = "gout"
    with pytest.raises(VertikitError) as error:
        run(write(rows), task=task)
    assert "gout" not in str(error.value)
    prepared = run(write(rows), task=task, cleaning={"rare_classes": "quarantine"})
    assert "gout" not in str(prepared.quarantine[0].reason)
    with pytest.raises(VertikitError) as error:
        run(write(plenty(50, disease="flu")), task=task)
    assert "flu" not in str(error.value)
