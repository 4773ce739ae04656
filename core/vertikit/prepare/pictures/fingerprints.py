"""What tells a picture from another: a digest of its pixels, and a hash that is near for pictures that look alike."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from vertikit.prepare.pictures.shrinking import grey, resized

SIDE = 64
"""Of the small picture that a perceptual hash is made of."""
KEPT = 16
"""Frequencies along each side that it keeps."""


def digest(frames: NDArray[np.uint8]) -> bytes:
    """The first 16 bytes of a sha256 of shape and pixels."""
    found = hashlib.sha256(str(frames.shape).encode())
    found.update(np.ascontiguousarray(frames).data)
    return found.digest()[:16]


def perceptual_hash(frames: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """[4] 256 bits: which of the lowest 16 x 16 frequencies of a small grey picture lie above their median.

    The hash by discrete cosine transform (Zauner, Implementation and benchmarking of perceptual image hash functions,
    2010), of the middle frame.
    """
    from scipy.fft import dctn

    middle = frames[len(frames) // 2]
    small = resized(grey(middle)[:, :, None], (SIDE, SIDE))[:, :, 0]
    low = dctn(small.astype(np.float64), norm="ortho")[:KEPT, :KEPT].ravel()
    above = low > np.median(low[1:])
    return np.packbits(above).view(np.uint64)
