"""Values of more than 8 bits brought to 8."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def to_bytes(
    values: NDArray[Any], low: float | None = None, high: float | None = None, *, inverted: bool = False
) -> NDArray[np.uint8]:
    """Values [F, H, W, C] as 0 to 255, from `low` to `high`, else from the darkest to the brightest finite one.

    8-bit values without ends of their own stay as they are. Values that are no numbers are black. ValueError where none
    is a number.
    """
    if values.dtype == np.bool_:
        values = values.astype(np.uint8) * 255
    if values.dtype == np.uint8 and low is None and not inverted:
        return values
    finite = np.isfinite(values) if values.dtype.kind == "f" else None
    known = values if finite is None else values[finite]
    if not known.size:
        raise ValueError("has no value that is a number")
    low = float(known.min()) if low is None else low
    high = float(known.max()) if high is None else high
    found = np.empty(values.shape, np.uint8)
    for at, frame in enumerate(
        values
    ):  # frame by frame: floats of a whole volume would take four times its room
        scaled = (
            (frame.astype(np.float32) - low) / max(high - low, 1e-12) if high > low else np.zeros(frame.shape)
        )
        scaled = np.nan_to_num(scaled, nan=0.0, posinf=1.0, neginf=0.0).clip(0, 1)
        found[at] = np.rint(255 * (1 - scaled if inverted else scaled))
    if inverted and finite is not None:
        found[~finite] = 0
    return found
