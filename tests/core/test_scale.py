from __future__ import annotations

import pytest

from vertikit import Grade, Value
from vertikit.outcome import outcome_of
from vertikit.outcome.classes import Classes
from vertikit.outcome.numbers import Numbers
from vertikit.scale import found_scale


@pytest.mark.parametrize(
    ("values", "step", "steps"),
    [
        ([0, 1, 2, 5], 1, 6),
        ([0, 0.25, 0.5, 1], 0.25, 5),
        ([1, 3, 5], 2, 3),
        ([0, 1 / 3, 2 / 3, 1], 1 / 3, 4),
        ([0, 0.25, 0.4, 1], None, None),
        (list(range(0, 98, 5)), None, None),
    ],
)
def test_steps_are_found_where_all_grades_lie_on_a_lattice_of_few(
    values: list[float], step: float | None, steps: int | None
) -> None:
    scale = found_scale(values, None, None, None)
    assert (scale.minimum, scale.maximum) == (values[0], 100 if len(values) > 12 else values[-1])
    assert scale.step == (None if step is None else pytest.approx(step))
    assert scale.steps == steps


def test_what_is_stated_holds_and_is_said_to_be_stated() -> None:
    scale = found_scale([1.0, 2.0, 4.0], 0, 5, None)
    assert (scale.minimum, scale.maximum, scale.step, scale.steps) == (0, 5, 1, 6)
    assert str(scale) == "0 to 5, in steps of 1 (as stated)"
    assert str(found_scale([0.0, 0.3, 1.0], None, None, None)) == "0 to 1, continuous (found in the data)"


def test_a_continuous_scale_ends_at_round_numbers() -> None:
    scale = found_scale([0.013, 0.4, 0.987], None, None, None)
    assert (scale.minimum, scale.maximum) == (0, 1)
    assert found_scale([0.0, 0.37, 1.0], None, None, None).maximum == 1


def test_a_step_of_0_says_that_there_are_none() -> None:
    assert found_scale([0.0, 0.5, 1.0], None, None, 0).step is None
    assert Grade("grade", step=0).parse("0.37") == "0.37"
    assert Grade("grade", step=0).outcome(["0", "0.5", "1"]).kind == "numbers"


def test_few_steps_are_classes_and_many_are_numbers() -> None:
    grade = Grade("grade")
    few = grade.outcome(["0", "2", "1", "2"])
    assert isinstance(few, Classes) and few.scale is not None and few.scale.step == 1
    many = grade.outcome([str(each) for each in range(60)])
    assert isinstance(many, Numbers) and many.scale.maximum == 60
    assert Value("dose", minimum=0).outcome([0.1, 3.0]).scale.minimum == 0


def test_an_outcome_is_read_back_from_what_it_wrote() -> None:
    for outcome in (
        Numbers(found_scale([0.0, 0.3, 1.0], None, None, None), 0.4, 0.2),
        Classes(("0", "1"), found_scale([0.0, 1.0], None, None, None)),
        Classes(("cold", "flu")),
    ):
        saved = {"labels": list(outcome.labels), "outcome": outcome.manifest()}
        assert outcome_of(saved) == outcome
    assert outcome_of({"labels": ["a", "b"]}) == Classes(("a", "b"))


def test_a_fine_grade_keeps_its_digits() -> None:
    assert Grade("grade").parse("0.123456789") == "0.123456789"
    assert Grade("grade").parse("2,0") == "2"
