"""Pictures drawn for a test, files of them, and a reader that needs no library of pictures."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from vertikit.contracts import Outline


class Arrays:
    """Reads `.npy` files of [F, H, W] or [H, W]; those whose name says so are damaged, or lack a package."""

    def __init__(self):
        self.opened = 0

    def reads(self, _, head):
        return head.startswith(b"\x93NUMPY")

    def outline(self, file):
        self.opened += 1
        frames = self._frames(file)
        return Outline(len(frames), *frames.shape[1:3], "npy")

    def read(self, file, frames, _):
        found = self._frames(file)[list(frames)]
        if (found == 13).all():
            raise RuntimeError("the patient is called Ada Planted")
        if (found == 14).all():
            raise ModuleNotFoundError("no module", name="openjpeg")
        return found[..., None] if found.ndim == 3 else found

    def _frames(self, file):
        try:
            found = np.load(file, allow_pickle=False)
        except ValueError:
            raise ValueError("is cut off") from None
        return found[None] if found.ndim == 2 else found


class OneReader:
    """A registry that knows one kind of pictures, and one whose packages are missing."""

    def __init__(self, reader):
        self.reader = reader

    def components(self, _):
        there = SimpleNamespace(missing=lambda: (), resolve=lambda: lambda: self.reader)
        gone = SimpleNamespace(missing=lambda: ("x",), summary="X-rays", installing="pip install x")
        return [there, gone]


@pytest.fixture
def reader():
    return Arrays()


@pytest.fixture
def registry(reader):
    return OneReader(reader)


@pytest.fixture
def texture():
    """A picture [H, W] that looks like no other of another seed."""

    def texture(seed, height=40, width=60):
        rng = np.random.default_rng(seed)
        y, x = np.mgrid[0:height, 0:width]
        found = np.zeros((height, width))
        for _ in range(12):
            fy, fx, phase = [*rng.uniform(0.02, 0.3, 2).tolist(), rng.uniform(0, 6.3)]
            found += rng.uniform(0.3, 1) * np.sin(fy * y + fx * x + phase)
        found = (found - found.min()) / np.ptp(found)
        return np.asarray(20 + 200 * found, np.uint8)

    return texture
