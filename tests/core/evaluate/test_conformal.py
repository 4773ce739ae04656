"""The threshold of sound examples holds the share that it promises."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.errors import VertikitError
from vertikit.evaluate.conformal import Threshold


@pytest.mark.parametrize("overkill", [0.02, 0.1, 0.3])
def test_no_more_sound_ones_are_rejected_than_asked_for_on_average(overkill: float) -> None:
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(400):
        threshold = Threshold(overkill)
        threshold.fit(rng.gamma(3, size=(60, 1)), np.zeros(60))
        shares.append((rng.gamma(3, size=500) > threshold.threshold).mean())
    assert overkill - 1 / 61 - 0.005 <= np.mean(shares) <= overkill + 0.005


def test_log_odds_are_zero_at_the_threshold_and_rise_with_the_score() -> None:
    threshold = Threshold(0.1)
    threshold.fit(np.linspace(1, 2, 50)[:, None], np.zeros(50))
    scores = np.array([0.0, 1.0, threshold.threshold, 2.5, 1e9])
    found = threshold.apply(scores[:, None])
    assert found[2, 0] == pytest.approx(0) and (np.diff(found[:, 0]) > 0).all() and np.isfinite(found).all()
    assert (found[:, 1] == scores).all()


def test_odd_ones_among_the_rows_do_not_move_it() -> None:
    sound = np.linspace(1, 2, 50)[:, None]
    one, other = Threshold(0.1), Threshold(0.1)
    one.fit(sound, np.zeros(50))
    other.fit(np.concatenate([sound, np.full((20, 1), 9.0)]), np.repeat([0, 1], [50, 20]))
    assert one.threshold == other.threshold


def test_with_too_few_it_is_the_highest_and_says_so() -> None:
    threshold = Threshold(0.05)
    threshold.fit(np.array([[1.0], [3.0], [2.0]]), np.zeros(3))
    assert threshold.threshold == 3.0 and threshold.account()["holds"] is False
    with pytest.raises(VertikitError, match="missing"):
        threshold.fit(np.array([[1.0]]), np.ones(1))


def test_it_is_read_back() -> None:
    threshold, other = Threshold(0.1), Threshold(0.1)
    threshold.fit(np.linspace(1, 2, 50)[:, None], np.zeros(50))
    other.load(threshold.state())
    assert (other.apply(np.array([[1.5]])) == threshold.apply(np.array([[1.5]]))).all()
