"""Numbers far from what models that had not seen the rows make of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

BOUND = 3.5
"""Robust standard deviations: Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers, section 3."""
OF_MEDIAN, OF_MEAN = 1.4826, 1.2533
"""What makes a median, or a mean, of absolute deviations the standard deviation of a normal distribution."""


@dataclass(frozen=True)
class Usually:
    """How far residuals usually lie: around `centre`, with the robust standard deviation `scale`."""

    centre: float
    scale: float

    def deviations(self, residuals: NDArray[np.float64]) -> NDArray[np.float64]:
        """[n] how many robust standard deviations each lies off; 0 where nothing ever lies off."""
        off = np.abs(residuals - self.centre)
        return off / self.scale if self.scale > 0 else np.zeros(len(residuals))


def usually(residuals: NDArray[np.float64]) -> Usually:
    """The median and the median absolute deviation of residuals [n], or the mean one where more than half are equal."""
    centre = float(np.median(residuals))
    off = np.abs(residuals - centre)
    scale = OF_MEDIAN * float(np.median(off))
    return Usually(centre, scale if scale > 1e-12 else OF_MEAN * float(off.mean()))
