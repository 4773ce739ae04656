from __future__ import annotations

import pytest

from tests.core.prepare.conftest import TASK
from vertikit import UsageError
from vertikit.prepare.mapping import check_drop, check_mapping, match_columns


def match(columns, mapping=None, drop=(), *, targets=True, remembered=False):
    return match_columns(
        TASK, "notes.csv", columns, mapping or {}, drop, targets=targets, remembered=remembered
    )


def test_columns_are_found_by_name_with_case_and_space_aside():
    matched = match(["Text ", "DISEASE", "extra"])
    assert matched.columns == {"text": "Text ", "disease": "DISEASE"}
    assert matched.unused == ("extra",)


def test_an_exact_name_goes_before_one_that_differs_in_case():
    assert match(["Text", "text", "disease"]).columns["text"] == "text"


def test_two_names_that_differ_in_case_must_be_told_apart():
    with pytest.raises(UsageError, match="'TEXT' and 'Text' could be") as error:
        match(["TEXT", "Text", "disease"])
    assert "--map text=TEXT" in error.value.do


def test_a_mapping_goes_before_the_name():
    matched = match(["text", "note", "disease"], {"text": "note"})
    assert matched.columns["text"] == "note"
    assert matched.unused == ("text",)


@pytest.mark.parametrize("column", ["description", "Description", "texts"])
def test_a_missing_column_is_named_with_the_likely_one(column):
    with pytest.raises(UsageError, match="has no column 'text'") as error:
        match([column, "disease"])
    assert column in error.value.what
    assert error.value.do == f"Did you mean --map text={column}?"


def test_a_name_with_a_space_is_quoted_as_the_shell_needs_it():
    with pytest.raises(UsageError) as error:
        match(["text x", "disease"])
    assert '--map text="text x"' in error.value.do


def test_a_column_that_shares_a_word_with_an_alias_is_likely():
    with pytest.raises(UsageError) as error:
        match(["medical_description", "final-diagnosis"])
    assert "has no column 'text' and no column 'disease'" in error.value.what
    assert error.value.do == "Did you mean --map text=medical_description --map disease=final-diagnosis?"


def test_a_missing_column_without_a_likely_one_says_what_it_is():
    with pytest.raises(UsageError, match="has no column 'text'") as error:
        match(["a", "disease"])
    assert "--map text=COLUMN" in error.value.do and "the note" in error.value.do


def test_a_mapped_column_that_is_not_there_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="has no column 'descripton'") as error:
        match(["description", "disease"], {"text": "descripton"})
    assert "'description'" in error.value.do


def test_an_unknown_role_is_named_with_the_nearest():
    with pytest.raises(UsageError, match="has no column 'desease'") as error:
        check_mapping(TASK, {"desease": "x"})
    assert "'disease'" in error.value.do


def test_one_column_cannot_have_two_roles():
    with pytest.raises(UsageError, match="'x' is mapped to text and to disease"):
        check_mapping(TASK, {"text": "x", "disease": "x"})


def test_an_optional_column_with_another_name_is_mentioned_and_not_taken():
    matched = match(["text", "disease", "Patient-ID"])
    assert "patient" not in matched.columns
    assert matched.hints == (
        "column 'Patient-ID' looks like 'patient': add --map patient=Patient-ID to keep the rows of a patient together",
    )


def test_dropped_columns_are_no_columns():
    matched = match(["text", "disease", "patient", "extra"], drop=["patient", "Extra"])
    assert set(matched.columns) == {"text", "disease"}
    assert matched.unused == ()
    assert matched.hints == ()


def test_dropping_what_is_mapped_is_refused():
    with pytest.raises(UsageError, match="mapped to text and dropped"):
        match(["note", "disease"], {"text": "note"}, ["note"])


def test_dropping_what_no_file_has_is_refused_with_the_nearest():
    check_drop(["b"], ["a", "b"])
    with pytest.raises(UsageError, match="no such column") as error:
        check_drop(["pateint"], ["text", "patient"])
    assert "'patient'" in error.value.do


def test_a_target_may_be_missing_where_there_is_nothing_to_learn():
    assert set(match(["text"], targets=False).columns) == {"text"}
    with pytest.raises(UsageError, match="has no column 'disease'"):
        match(["text"])


def test_a_remembered_mapping_yields_to_the_tasks_own_name():
    mapping = {"text": "description", "disease": "code", "age": "years"}
    assert match(["text"], mapping, targets=False, remembered=True).columns == {"text": "text"}
    with pytest.raises(UsageError, match="has no column 'description'"):
        match(["note"], mapping, targets=False, remembered=True)
