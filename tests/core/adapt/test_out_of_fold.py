from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from vertikit.adapt.out_of_fold import Course, out_of_fold

LABELLED = np.array([3, 4, 7, 8, 9, 12, 15, 16, 20, 21])


def test_every_row_is_predicted_once_by_a_fit_that_was_not_trained_on_it() -> None:
    truth = np.array(["a", "b"] * 15, dtype=object)
    parted = out_of_fold(truth, None, LABELLED, seed=0)
    assert len(parted) == 5
    assert sorted(np.concatenate([outside for _, outside in parted])) == list(LABELLED)
    for inside, outside in parted:
        assert set(inside) | set(outside) == set(LABELLED)
        assert not set(inside) & set(outside)


def test_a_group_is_never_divided_and_rows_without_one_are_their_own() -> None:
    truth = np.array(["a", "b"] * 15, dtype=object)
    groups = np.array([f"p{row // 4}" for row in range(30)], dtype=object)
    groups[20:] = None
    parted = out_of_fold(truth, groups, np.arange(30), seed=0)
    for inside, outside in parted:
        assert not {groups[row] for row in inside} & {groups[row] for row in outside} - {None}
    holding = [sum(groups[row] is None for row in outside) for _, outside in parted]
    assert max(holding) < 10, "rows without a group were kept together"


def test_the_course_puts_each_epochs_outputs_together_in_the_order_of_the_rows(tmp_path: Path) -> None:
    course = Course(tmp_path, LABELLED)
    for name, outside in (("one", LABELLED[::2]), ("two", LABELLED[1::2])):
        (tmp_path / name).mkdir()
        record, ended = course.part(name, outside)
        for epoch in (1, 2):
            record(np.stack([outside * epoch, -outside], axis=1).astype(float))
            ended({"epoch": epoch}, 2)
        course.logs.append(
            [{"epoch": e, "train_loss": 1.0 / e, "valid_loss": 2.0 if name == "one" else 4.0} for e in (1, 2)]
        )
    assert course.raw(2)[:, 0].tolist() == (LABELLED * 2).tolist()
    epochs = course.epochs("macro_f1", lambda raw: float(raw[0, 0]))
    assert epochs == [
        {"epoch": 1, "train_loss": 1.0, "valid_loss": pytest.approx(3.0), "valid_macro_f1": 3.0},
        {"epoch": 2, "train_loss": 0.5, "valid_loss": pytest.approx(3.0), "valid_macro_f1": 6.0},
    ]
