"""Pictures as a stage of reading leaves them, made from arrays."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit.pictures import Pictures
from vertikit.prepare.pictures.fingerprints import digest, perceptual_hashes, small


def pictures_of(arrays):
    """Of arrays [F, H, W, C] uint8, each example its own."""
    shapes = np.array([each.shape for each in arrays], np.int64)
    ends = np.cumsum(shapes.prod(axis=1))
    return Pictures(
        pixels=np.concatenate([each.reshape(-1) for each in arrays]),
        start=np.concatenate([[0], ends[:-1]]),
        shapes=shapes,
        sizes=shapes[:, 1:3],
        kinds=np.array(["png"] * len(arrays), object),
        left_out=np.zeros(len(arrays), np.int64),
        digests=np.frombuffer(b"".join(digest(each) for each in arrays), "V16"),
        hashes=perceptual_hashes(np.stack([small(each) for each in arrays])),
        place=np.arange(len(arrays)),
    )


@pytest.fixture
def pictures():
    """Grey and coloured ones of several sizes, one of them a film of three frames."""
    rng = np.random.default_rng(0)
    shapes = [(1, 40, 60, 1), (1, 30, 30, 3), (3, 50, 40, 1), (1, 64, 64, 1)]
    return pictures_of([rng.integers(0, 256, shape).astype(np.uint8) for shape in shapes])
