"""What leaks between the parts is found, treated and counted, through `prepare`."""

from __future__ import annotations

import numpy as np

from vertikit.prepare.overlap import overlap, uses_by_fold


def leak_free(prepared):
    """No text and no patient of a judging part is left in one before it."""
    examples = prepared.examples
    texts = [" ".join(text.casefold().split()) for text in examples.column("text")]
    for fold in prepared.folds:
        held = set(np.concatenate(list(fold.tests.values())).tolist())
        for part, judging in ((fold.train, held | set(fold.valid.tolist())), (fold.valid, held)):
            assert not {texts[at] for at in part} & {texts[at] for at in judging}
            if examples.group is not None:
                assert not ({examples.group[at] for at in part} & {examples.group[at] for at in judging}) - {
                    None
                }
        assert len({texts[at] for at in fold.train}) == len(fold.train)
        assert not overlap(
            examples, np.unique(texts, return_inverse=True)[1], uses_by_fold(fold, len(examples))
        ).copies
    return True


def row_count(prepared):
    (fold,) = prepared.folds
    return len(fold.train) + len(fold.valid) + sum(map(len, fold.tests.values()))


def test_clean_data_has_no_leak(run, write, plenty):
    prepared = run(write(plenty()))
    assert leak_free(prepared)
    assert prepared.removed == () and prepared.quarantine == ()
    assert row_count(prepared) == prepared.read == len(prepared.examples) == 240


def test_a_text_with_different_labels_is_quarantined_with_all_its_copies(run, write, plenty):
    rows = plenty()
    rows[2] = {"text": "The same  note", "disease": "flu"}
    rows[16] = {"text": "the same note", "disease": "cold"}
    rows[30] = {"text": "THE SAME NOTE ", "disease": "cold"}
    prepared = run(write(rows))
    assert [(bad.row, bad.reason) for bad in prepared.quarantine] == [
        (row, "the same text occurs with different labels (rows 3, 17, 31)") for row in (3, 17, 31)
    ]
    assert (prepared.leaks.conflicting, prepared.leaks.conflicting_texts) == (3, 1)
    assert len(prepared.examples) == 237
    assert not {3, 17, 31} & set(prepared.examples.rows.tolist())


def test_copies_stay_together_and_one_is_left_in_training(run, write, plenty):
    rows = plenty(120)
    prepared = run(write([row for row in rows for _ in range(3)]))
    (fold,) = prepared.folds
    assert leak_free(prepared)
    assert prepared.leaks.across == 0
    assert prepared.leaks.inside == len(prepared.removed) == 2 * len(fold.train)
    assert len(fold.tests["test"]) % 3 == len(fold.valid) % 3 == 0
    assert row_count(prepared) + len(prepared.removed) == 360
    for bad in prepared.removed:
        first = (bad.row - 1) // 3 * 3 + 1
        assert bad.reason == f"the same text is in training already (row {first} of notes.csv)"


def test_copies_of_different_patients_leave_training_where_a_judging_part_has_them(run, write, plenty):
    rows = plenty(300, patient=lambda at: f"p{at // 2}")
    for at in range(0, 300, 6):
        rows[at]["text"] = "follow-up, nothing new"
        rows[at]["disease"] = "flu"
    prepared = run(write(rows))
    assert prepared.split == "grouped"
    assert leak_free(prepared)
    assert prepared.leaks.across > 0
    assert prepared.leaks.groups_across == 0
    assert row_count(prepared) + len(prepared.removed) == 300


def test_training_rows_that_repeat_an_official_test_row_leave_training(run, write, plenty):
    train, test = plenty(90), plenty(30, start=90)
    test[0]["text"] = train[0]["text"].upper()
    test[3]["text"] = train[3]["text"]
    prepared = run(write(train), tests={"test": [write(test, "test.csv")]})
    assert prepared.split == "official"
    assert leak_free(prepared)
    assert [(bad.source, bad.row) for bad in prepared.removed] == [("notes.csv", 1), ("notes.csv", 4)]
    assert prepared.removed[0].reason == "the same text is in a validation or test part (row 1 of test.csv)"
    assert prepared.leaks.across == 2
    assert len(prepared.folds[0].tests["test"]) == 30


def test_validation_rows_that_repeat_a_test_row_leave_validation(run, write, plenty):
    valid, test = plenty(30, start=90), plenty(30, start=120)
    test[0]["text"] = valid[0]["text"]
    prepared = run(
        write(plenty(90)), valid=[write(valid, "valid.csv")], tests={"test": [write(test, "test.csv")]}
    )
    assert [(bad.source, bad.row) for bad in prepared.removed] == [("valid.csv", 1)]
    assert prepared.removed[0].reason == "the same text is in a test part (row 1 of test.csv)"
    assert len(prepared.folds[0].valid) == 29


def test_training_rows_of_patients_in_an_official_test_leave_training(run, write, plenty):
    train = plenty(90, patient=lambda at: f"p{at % 45}")
    test = plenty(30, start=90, patient=lambda at: f"p{at % 3}" if at < 96 else f"q{at}")
    prepared = run(write(train), tests={"test": [write(test, "test.csv")]})
    assert leak_free(prepared)
    assert prepared.leaks.groups_across == 3
    assert prepared.leaks.group_rows == 6 == len(prepared.removed)
    assert prepared.removed[0].reason == "rows of the same group are in a validation or test part"
    assert "p0" not in str(prepared.removed)


def test_copies_inside_a_test_stay(run, write, plenty):
    test = plenty(30, start=90)
    prepared = run(write(plenty(90)), tests={"test": [write(test + test, "test.csv")]})
    assert len(prepared.folds[0].tests["test"]) == 60
    assert prepared.removed == ()


def test_near_duplicates_are_counted_and_stay(run, write, plenty):
    train, test = plenty(90), plenty(30, start=90)
    long = " ".join(f"word{at}" for at in range(100))
    train[0]["text"] = long
    test[0]["text"] = long + " more"
    prepared = run(write(train), tests={"test": [write(test, "test.csv")]}, seed=1)
    assert prepared.leaks.near == 1
    assert prepared.removed == ()
    assert row_count(prepared) == 120


def test_allowed_leaks_stay_and_are_counted_all_the_same(run, write, plenty):
    train = plenty(90, patient=lambda at: f"p{at % 45}")
    test = plenty(30, start=90, patient=lambda at: f"q{at}")
    test[0]["text"] = train[0]["text"]
    test[1]["patient"] = "p5"
    train[7]["text"] = train[8]["text"]
    train[12]["text"] = train[9]["text"]
    sources = {"data": write(train), "tests": {"test": [write(test, "test.csv")]}}
    prepared = run(**sources, allow_leaks=True)
    assert prepared.leaks.kept
    assert (prepared.leaks.across, prepared.leaks.group_rows, prepared.leaks.conflicting) == (1, 2, 2)
    assert prepared.removed == prepared.quarantine == ()
    assert row_count(prepared) == len(prepared.examples) == 120
    strict = run(**sources)
    assert not strict.leaks.kept
    assert len(strict.quarantine) == 2
    assert leak_free(strict)
