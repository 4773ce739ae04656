"""LogME: the largest log marginal likelihood of a linear model, and what it says of features."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import multivariate_normal

from vertikit.select.transferability import log_evidence


def drawn(rows: int, width: int, noise: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    features = random.normal(size=(rows, width)) * np.linspace(0.2, 2, width)
    target = features @ random.normal(size=width) + noise * random.normal(size=rows)
    return features, target[:, None]


@pytest.mark.parametrize(("rows", "width"), [(40, 6), (25, 40)])
def test_it_is_the_maximum_of_the_marginal_likelihood(rows: int, width: int) -> None:
    features, target = drawn(rows, width, 4.0)
    centred = features - features.mean(axis=0)
    own = target[:, 0] - target[:, 0].mean()

    def negative(logs: np.ndarray) -> float:
        prior, noise = np.exp(logs)
        covariance = np.eye(rows) / noise + centred @ centred.T / prior
        return -multivariate_normal(np.zeros(rows), covariance).logpdf(own) / rows

    bounds = [(-6.0, 8.0)] * 2
    best = min(minimize(negative, start, bounds=bounds).fun for start in ([0, 0], [-2, 2], [2, -2]))
    assert log_evidence(features, target) == pytest.approx(-best, abs=0.01)


def test_features_that_tell_of_the_target_have_more_of_it() -> None:
    features, target = drawn(200, 10, 0.5)
    noise = np.random.default_rng(1).normal(size=features.shape)
    clear, mixed, none = (
        log_evidence(share * features + (1 - share) * noise, target) for share in (1.0, 0.5, 0.0)
    )
    assert clear > mixed > none


def test_scale_shift_and_columns_without_variance_change_nothing() -> None:
    features, target = drawn(60, 8, 1.0)
    wide = np.concatenate([300 * features + 5, np.full((60, 20), 7.0)], axis=1)
    assert log_evidence(wide, target) == pytest.approx(log_evidence(features, target), abs=0.01)


def test_classes_are_columns_and_what_is_not_known_counts_for_nothing() -> None:
    features, target = drawn(80, 5, 0.5)
    both = np.stack([target[:, 0], target[:, 0] > 0], axis=1)
    holes = both.copy()
    holes[::4, 1] = np.nan
    kept = np.ones(80, bool)
    kept[::4] = False
    alone = log_evidence(features[kept], both[kept, 1:])
    assert log_evidence(features, holes[:, 1:]) == pytest.approx(alone)
    assert log_evidence(features, holes) == pytest.approx(
        (log_evidence(features, both[:, :1]) + alone) / 2, abs=1e-9
    )


def test_nothing_can_be_said_of_one_class_or_of_features_that_are_all_alike() -> None:
    features, target = drawn(30, 4, 1.0)
    assert np.isnan(log_evidence(features, np.zeros((30, 1))))
    assert np.isnan(log_evidence(np.ones((30, 4)), target))
