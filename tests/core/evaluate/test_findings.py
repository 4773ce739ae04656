"""Several findings, some of which are not known: read, learnt, and set right one by one."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit import VertikitError
from vertikit.evaluate.platt import Platt
from vertikit.examples import Fold
from vertikit.label_columns import Labels
from vertikit.outcome import outcome_of
from vertikit.outcome.findings import Findings, matrix

COLUMN = Labels("findings")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("Edema|Effusion", "*|+Edema|+Effusion"),
        ("No Finding", "*"),
        ("Edema=1|Effusion=0|Mass=", "+Edema|-Effusion"),
        ("Edema=1.0|Effusion=-1.0|Mass=no", "+Edema|-Mass"),
        ("Edema=nan|Mass=U", ""),
    ],
)
def test_a_cell_says_what_is_there_what_is_not_and_what_is_not_known(cell, value):
    assert COLUMN.parse(cell) == value


def test_what_is_neither_yes_nor_no_is_refused():
    with pytest.raises(ValueError, match="neither yes nor no"):
        COLUMN.parse("Edema=2")


def test_holes_are_holes_and_what_is_not_named_is_not_there():
    table = matrix(["*|+a", "+a|-b", "-b", None], ("a", "b"))
    np.testing.assert_array_equal(table, [[1, 0], [1, 0], [np.nan, 0], [np.nan, np.nan]])


FOLD = Fold(np.arange(4), np.arange(4, 6), np.arange(4, 6), {"test": np.arange(6, 8)})
TRUTH = np.array(["+a|-b", "-a|-b", "+a|+b|+c", "-a|-b", "+a|-b", "-a|+b", "+a|-b", "-a|-b"], object)


def test_a_finding_that_training_lacks_or_always_has_is_left_out_and_told():
    found = Findings().learnt([FOLD], TRUTH, COLUMN)
    assert found.labels == ("a", "b")
    notes = list(Findings().notes(COLUMN, [FOLD], TRUTH))
    assert "left out, for want of rows with and without them in training: c" in notes
    assert "no row of the part 'test' has b: how well it is found cannot be told" in notes


def test_nothing_to_learn_is_told():
    with pytest.raises(VertikitError, match="both there and not there"):
        Findings().learnt([FOLD], np.array(["+a"] * 8, object), COLUMN)
    with pytest.raises(VertikitError, match="names no finding"):
        Findings().check(COLUMN, "findings", np.array(["*", "*"], object))


def test_a_row_is_usable_where_any_finding_is_known():
    assert Findings(("a", "b")).usable(np.array(["+a", "-b", "+c", None], object)).tolist() == [
        True,
        True,
        False,
        False,
    ]


def test_a_split_keeps_the_rarest_finding_in_proportion():
    assert Findings().strata(TRUTH).tolist() == [
        "a",
        "no finding",
        "c",
        "no finding",
        "a",
        "b",
        "a",
        "no finding",
    ]


def test_a_frame_has_words_for_what_is_known_and_columns_for_each_finding():
    outcome = Findings(("a", "b"))
    frame = outcome.frame(np.array([[0.9, 0.7], [0.2, 0.1]]), ["+a", "-a|-b"])
    assert frame["truth"].tolist() == ["a", "no finding"]
    assert frame["prediction"].tolist() == ["a", "no finding"]  # of b nothing is known in the first row
    assert frame["is.b"].isna().tolist() == [True, False]
    assert outcome.columns("findings", outcome.frame(np.array([[0.9, 0.7]]), None))["findings"].tolist() == [
        "a, b"
    ]


def test_the_outcome_is_read_back():
    outcome = Findings(("a", "b"))
    assert outcome_of({"labels": ["a", "b"], "outcome": outcome.manifest()}) == outcome


def test_each_finding_is_set_right_by_a_line_of_its_own_and_a_rare_one_is_left():
    rng = np.random.default_rng(0)
    odds = rng.normal(0, 2, (2000, 2))
    truth = (rng.random((2000, 2)) < 1 / (1 + np.exp(-odds))).astype(float)
    truth[:, 1] = np.nan
    truth[:3, 1] = 1
    platt = Platt()
    platt.fit(odds * 3 + 1, truth)
    assert platt.slope[0] == pytest.approx(1 / 3, rel=0.1) and platt.offset[0] == pytest.approx(
        -1 / 3, abs=0.1
    )
    assert (platt.slope[1], platt.offset[1]) == (1, 0)
    other = Platt()
    other.load(platt.state())
    np.testing.assert_array_equal(other.apply(odds), platt.apply(odds))
