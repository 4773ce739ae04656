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


def small(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """[64, 64] grey, of the middle frame: what a perceptual hash is made of."""
    middle = frames[len(frames) // 2]
    return resized(grey(middle)[:, :, None], (SIDE, SIDE))[:, :, 0]


def perceptual_hashes(smalls: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Small grey pictures [N, 64, 64] -> [N, 4], 256 bits: which of the lowest 16 x 16 frequencies lie above their
    median.

    The hash by discrete cosine transform (Zauner, Implementation and benchmarking of perceptual image hash functions,
    2010). Of many at once, since one alone takes as long as decoding it.
    """
    from scipy.fft import dctn

    spectrum = dctn(smalls.astype(np.float64), axes=(1, 2), norm="ortho")
    low = spectrum[:, :KEPT, :KEPT].reshape(len(smalls), -1)
    above = low > np.median(low[:, 1:], axis=1, keepdims=True)
    return np.packbits(above, axis=1).view(np.uint64)
