"""How well a target can be read from features, before anything is trained on them: LogME."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 50
CLOSE = 1e-3


def log_evidence(features: NDArray[np.floating], targets: NDArray[np.floating]) -> float:
    """The largest log marginal likelihood of a Bayesian linear model per row, the mean over targets.

    You et al. 2021, LogME: Practical Assessment of Pre-trained Models for Transfer Learning (arXiv:2102.11005), with
    their fixed-point iteration. Unlike there, features and targets are centred, as a flat prior of an intercept has it,
    and the directions in which the features do not vary are counted, so that encoders of other widths compare.

    Args:
        features: [N, D]. targets: [N, T] numbers, of a class one column of 0 and 1 each; NaN where it is not known. A
            target that does not vary is left out.

    Returns NaN where no target varies, or the features do not.
    """
    values = []
    for target in targets.T:
        known = np.isfinite(target)
        own = target[known].astype(np.float64)
        if len(own) < 3 or own.std() < 1e-12:
            continue
        values.append((known, own))
    if not values:
        return math.nan
    whole = all(known.all() for known, _ in values)
    shared = _decomposed(features) if whole else None
    found = []
    for known, own in values:
        parts = shared or _decomposed(features[known])
        if not len(parts[1]):
            return math.nan
        found.append(_evidence(*parts, own - own.mean(), features.shape[1]))
    return float(np.mean(found))


def _decomposed(features: NDArray[np.floating]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left singular vectors [N, R] and squared singular values [R] of centred features, without those near 0."""
    centred = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    left, singular, _ = np.linalg.svd(centred, full_matrices=False)
    kept = singular > 1e-6 * max(singular.max(initial=0.0), 1e-300)
    return left[:, kept], singular[kept] ** 2


def _evidence(
    left: NDArray[np.float64], squared: NDArray[np.float64], target: NDArray[np.float64], width: int
) -> float:
    """Per row, of one centred target [N]."""
    rows = len(target)
    along = (left.T @ target) ** 2
    beyond = max(float(target @ target - along.sum()), 0.0)
    prior = noise = 1.0
    for _ in range(MOST_STEPS):
        ratio = prior / noise
        effective = float((squared / (squared + ratio)).sum())
        weights = float((squared * along / (squared + ratio) ** 2).sum())
        residual = float((along / (1 + squared / ratio) ** 2).sum()) + beyond
        prior = effective / (weights + 1e-12)
        noise = (rows - effective) / (residual + 1e-12)
        if abs(prior / noise - ratio) <= CLOSE * ratio:
            break
    ratio = prior / noise
    weights = float((squared * along / (squared + ratio) ** 2).sum())
    residual = float((along / (1 + squared / ratio) ** 2).sum()) + beyond
    # ln det of the posterior precision: directions without variance have that of the prior.
    determinant = float(np.log(prior + noise * squared).sum()) + (width - len(squared)) * math.log(prior)
    total = width * math.log(prior) + rows * math.log(noise / (2 * math.pi)) - determinant
    return 0.5 * (total - noise * residual - prior * weights) / rows
