"""The gaming suite: what is altered, what counts as getting through, and that every evaluation tries it."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest

from vertikit.contracts import MetricContext
from vertikit.outcome.numbers import Numbers
from vertikit.protocol import Probe
from vertikit.scale import Scale
from vertikit_education import gaming

TEXTS = {
    "question": ["Why does ice float?", "What is a cell?"],
    "reference": ["Ice is less dense than water.", "A cell is the smallest unit of life. It divides."],
    "answer": ["it is lighter", "small part"],
}


def altered(probe: Probe) -> list[str]:
    found = getattr(gaming, probe.alter.partition(":")[2])({**TEXTS}, Random(0))
    assert set(found) == {"answer"} and len(found["answer"]) == 2
    return list(found["answer"])


@pytest.mark.parametrize("probe", gaming.SUITE, ids=lambda each: each.name)
def test_each_probe_alters_every_answer_and_the_seed_decides(probe: Probe) -> None:
    assert altered(probe) == altered(probe)
    assert not set(altered(probe)) & set(TEXTS["answer"])


def test_the_alterations_are_what_they_say() -> None:
    found = {probe.name: altered(probe) for probe in gaming.SUITE}
    assert found["off-topic"] == TEXTS["reference"][::-1]
    assert found["question copied"] == TEXTS["question"]
    assert sorted(found["keyword list"][0].split(", ")) == ["dense", "ice", "less", "water"]
    assert found["negated reference"][1].count("a cell is the smallest unit") == 1
    assert found["negated reference"][1].count("It") >= 2
    assert not set(" ".join(found["gibberish"]).split()) & {"ice", "water", "cell", "life", "is"}


def test_without_questions_none_can_be_copied_and_with_one_reference_none_is_off_topic() -> None:
    assert gaming.question_copied({**TEXTS, "question": ["", ""]}, Random(0)) is None
    assert gaming.off_topic({**TEXTS, "reference": ["the same"] * 2}, Random(0)) is None


def test_half_of_the_scale_is_a_pass_for_steps_and_for_numbers() -> None:
    frame = pd.DataFrame({"prediction": ["1", "2", "3", "4", "5"]})
    context = MetricContext(("1", "2", "3", "4", "5"), Scale(1, 5, 1))
    assert gaming.passes(frame, context).tolist() == [False, False, True, True, True]
    numbers = Numbers().frame(np.array([[0.49], [0.5]]), None)
    assert gaming.passes(numbers, MetricContext((), Scale(0, 1))).tolist() == [False, True]
