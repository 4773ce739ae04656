"""Numbers as answers: pooled, with a spread and an interval, and what is drawn of them."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.errors import VertikitError
from vertikit.evaluate.blending import LinearPool
from vertikit.evaluate.number_curves import error_coverage, held, nearness
from vertikit.evaluate.spread import Spread
from vertikit.outcome.numbers import Numbers
from vertikit.scale import Scale


def made(rows: int = 4000, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Answers [n, 1] from 0 to 10 whose errors grow with the answer, and the truth [n]."""
    random = np.random.default_rng(seed)
    value = random.uniform(0, 10, rows)
    return value[:, None], value + random.normal(0, 0.1 + 0.2 * value)


def test_the_spread_follows_where_errors_are_large() -> None:
    spread = Spread(None, None, 0.9)
    spread.fit(*made())
    found = spread.apply(np.array([[1.0], [9.0]]))[:, 1]
    assert found == pytest.approx([0.3, 1.9], rel=0.25)


def test_intervals_hold_as_often_as_they_say_on_new_rows() -> None:
    spread = Spread(None, None, 0.9)
    spread.fit(*made(1000))
    answers, truth = made(4000, seed=1)
    frame = Numbers().frame(spread.apply(answers), truth)
    assert held(frame, 0.9)["coverage"] == pytest.approx(0.9, abs=0.03)


def test_intervals_end_where_the_scale_ends_and_few_rows_give_none() -> None:
    answers, truth = made(200)
    spread = Spread(0.0, 10.0, 0.9)
    spread.fit(answers, np.clip(truth, 0, 10))
    found = spread.apply(np.array([[0.1], [9.9]]))
    assert found[0, 2] == 0 and found[1, 3] == 10
    few = Spread(0.0, 10.0, 0.9)
    few.fit(answers[:5], truth[:5])
    assert "coverage" not in held(Numbers().frame(few.apply(answers), truth), 0.9)


def test_what_was_learnt_is_read_back() -> None:
    spread, other = Spread(0.0, 10.0, 0.9), Spread(0.0, 10.0, 0.9)
    answers, truth = made(300)
    spread.fit(answers, truth)
    other.load(spread.state())
    assert (spread.apply(answers) == other.apply(answers)).all()
    pool, twin = LinearPool(0, 10), LinearPool(0, 10)
    pool.fit(answers, answers**0.5, truth)
    twin.load(pool.state())
    assert (pool.apply(answers, answers**0.5) == twin.apply(answers, answers**0.5)).all()


def test_the_pool_is_better_than_either_side_and_leaves_out_what_adds_nothing() -> None:
    random = np.random.default_rng(0)
    truth = random.normal(0, 1, 2000)
    one, two = (truth + random.normal(0, 0.5, 2000) for _ in range(2))
    pool = LinearPool()
    pool.fit(one[:1000, None], two[:1000, None], truth[:1000])
    errors = [
        float(((each - truth[1000:]) ** 2).mean())
        for each in (pool.apply(one[1000:, None], two[1000:, None])[:, 0], one[1000:], two[1000:])
    ]
    assert errors[0] < 0.8 * min(errors[1:])
    assert sum(pool.weights) == pytest.approx(1)
    pool.fit(truth[:, None], two[:, None], truth)
    assert pool.weights == pytest.approx((1, 0))
    pool.fit(one[:, None], truth[:, None], truth)
    assert pool.weights == pytest.approx((0, 1))


def test_bins_hold_equally_many_rows_and_never_single_ones() -> None:
    answers, truth = made(203)
    found = nearness(Numbers().frame(answers, truth))
    assert sum(found["rows"]) == 203 and max(found["rows"]) - min(found["rows"]) <= 1
    assert found["prediction"] == sorted(found["prediction"])
    assert len(nearness(Numbers().frame(answers[:7], truth[:7]))["rows"]) == 1


def test_the_error_grows_as_less_sure_rows_are_answered() -> None:
    spread = Spread(None, None, 0.9)
    answers, truth = made()
    spread.fit(answers, truth)
    curve = error_coverage(Numbers().frame(spread.apply(answers), truth))
    assert curve["coverage"][-1] == 1 and curve["risk"][10] < 0.5 * curve["risk"][-1]


def test_answers_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(VertikitError, match="training has diverged"):
        Numbers().frame(np.array([[1.0], [np.nan]]), [1.0, 2.0])


def test_numbers_beyond_the_scale_cannot_be_judged() -> None:
    numbers = Numbers(Scale(0, 1))
    assert numbers.usable(np.array([0.0, 1.0, 1.2, np.nan])).tolist() == [True, True, False, False]


def test_a_lone_number_far_from_all_others_is_told() -> None:
    from vertikit import Value
    from vertikit.examples import Fold

    truth = np.concatenate([np.linspace(0, 4, 999), [44.0]])
    fold = Fold(np.arange(1000), np.arange(0), np.arange(0))
    (note,) = Numbers().notes(Value("points"), [fold], truth)
    assert "44 occurs once" in note and "--set scale.maximum=4" in note
