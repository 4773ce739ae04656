"""Values of single pixels to a map that an eye can follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRONGEST = 99.5
"""Percentile of the values that counts as 1: a single pixel must not darken all others."""


def smoothed(values: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """Values [B, H, W] -> maps [B, H, W] from 0 to 1: what speaks for the output, blurred; what speaks against is 0."""
    from scipy.ndimage import gaussian_filter

    sigma = share * max(values.shape[1:])
    found = np.stack([gaussian_filter(each.astype(np.float64), sigma) for each in values]).clip(min=0)
    top = np.percentile(found, STRONGEST, axis=(1, 2), keepdims=True)
    return np.asarray((found / np.where(top > 0, top, 1)).clip(max=1), np.float32)
