"""How sure a forecast says it is, set by rows that trained nothing."""

from __future__ import annotations

import numpy as np

from vertikit.evaluate.step_errors import StepErrors

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)


def held(answers: np.ndarray, truth: np.ndarray, low: int, high: int) -> float:
    found = answers.reshape(len(truth), truth.shape[1], -1)
    return float(((truth >= found[:, :, low]) & (truth <= found[:, :, high])).mean())


def test_quantiles_that_are_too_sure_are_stretched_until_they_hold_as_often_as_they_say() -> None:
    random = np.random.default_rng(0)
    scale = np.repeat([1.0, 100.0], 400)[:, None]
    truth = scale * random.standard_normal((800, 4))
    narrow = 0.2 * scale[:, :, None] * np.array([-1.28, -0.52, 0.0, 0.52, 1.28]) * np.ones((800, 4, 1))
    answers = narrow.reshape(800, -1)
    assert held(answers, truth, 0, 4) < 0.3
    certainty = StepErrors(4, LEVELS, None, None)
    certainty.fit(answers[::2], truth[::2])
    found = certainty.apply(answers[1::2])
    assert (
        abs(held(found, truth[1::2], 0, 4) - 0.8) < 0.04 and abs(held(found, truth[1::2], 1, 3) - 0.4) < 0.05
    )
    assert np.array_equal(found.reshape(-1, 4, 5)[:, :, 2], answers[1::2].reshape(-1, 4, 5)[:, :, 2])
    again = StepErrors(4, LEVELS, None, None)
    again.load(certainty.state())
    assert np.array_equal(again.apply(answers), certainty.apply(answers))


def test_quantiles_stay_in_order_and_within_the_ends_of_the_scale() -> None:
    random = np.random.default_rng(1)
    answers = np.sort(random.normal(1, 1, (200, 2, 5)), axis=2)
    certainty = StepErrors(2, LEVELS, 0.0, None)
    certainty.fit(answers.reshape(200, -1), random.normal(1, 3, (200, 2)))
    found = certainty.apply(answers.reshape(200, -1)).reshape(200, 2, 5)
    assert (np.diff(found, axis=2) >= 0).all() and found.min() >= 0
