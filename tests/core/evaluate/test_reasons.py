from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Category, Number
from vertikit.durations import in_words
from vertikit.evaluate.reasons import Usual
from vertikit.examples import Examples

COLUMNS = (
    Number("speed", help="speed of the vehicle; in km/h"),
    Number("wait", says="{:,.1f} hours of waiting", required=False),
    Number("busy_hour", of="busy", says="{:.0%} busy in the hour", required=False),
    Number("busy_day", of="busy", says="{:.0%} busy in the day", required=False),
    Category("road", required=False),
)


def made(**columns: list) -> Examples:
    count = len(next(iter(columns.values())))
    names = np.full(count, "", object)
    return Examples(Dataset.from_dict(columns), np.arange(1, count + 1), names, names)


@pytest.fixture(scope="module")
def usual() -> Usual:
    random = np.random.default_rng(0)
    found = Usual("trips")
    found.fit(
        COLUMNS,
        made(
            speed=random.normal(50, 10, 1000).tolist(),
            wait=[None if at % 7 == 0 else float(at % 10) for at in range(1000)],
            busy_hour=random.random(1000).tolist(),
            busy_day=random.random(1000).tolist(),
            road=["town"] * 700 + ["motorway"] * 295 + ["ford"] * 5,
        ),
    )
    return found


ODD = {
    "speed": [190.0, 40.0],
    "wait": [9.0, None],
    "busy_hour": [0.5, 0.4],
    "busy_day": [0.999, 0.4],
    "road": ["ford", "town"],
}
WEIGHTS = {"speed": 0.01, "wait": 0.5, "busy_hour": 1.0, "busy_day": 1.0}


def score(examples: Examples) -> np.ndarray:
    total = sum(weight * np.nan_to_num(examples.numbers(name)) for name, weight in WEIGHTS.items())
    return total + np.array([each == "ford" for each in examples.column("road")], float)


def test_reasons_come_by_weight_in_the_words_of_their_columns(usual: Usual) -> None:
    told = usual.reasons(made(**ODD), score)
    assert told[0].split("; ") == [
        "9.0 hours of waiting (more than in 91 % of training trips)",
        "speed of the vehicle: 190 (more than in 99 % of training trips)",
        "road ford (in less than 1 % of training trips)",
        "100 % busy in the day (more than in 99 % of training trips)",
    ]


def test_what_is_as_usual_is_no_reason_and_columns_of_one_thing_are_told_once(usual: Usual) -> None:
    told = usual.reasons(made(**ODD), score)
    assert "busy in the hour" not in told[0]
    assert told[1] == ""


def test_a_gap_that_matters_is_told(usual: Usual) -> None:
    def lack(examples: Examples) -> np.ndarray:
        return np.isnan(examples.numbers("wait")).astype(float)

    assert usual.reasons(made(**ODD), lack) == ["", "wait: missing"]


def test_what_was_learnt_is_kept(usual: Usual) -> None:
    other = Usual()
    other.load(usual.state())
    assert other.reasons(made(**ODD), score) == usual.reasons(made(**ODD), score)


@pytest.mark.parametrize(
    ("text", "words"), [("1h", "hour"), ("7d", "7 days"), ("1.5h", "1.5 hours"), ("soon", "soon")]
)
def test_a_duration_in_a_sentence(text: str, words: str) -> None:
    assert in_words(text) == words
