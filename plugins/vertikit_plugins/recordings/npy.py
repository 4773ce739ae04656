"""Arrays of NumPy."""

from __future__ import annotations

from typing import BinaryIO

import numpy as np

from vertikit.contracts import Recorded


class Npy:
    """One array of numbers; one of objects, which would have to be unpickled, is refused."""

    def reads(self, name: str) -> bool:
        return name.lower().endswith(".npy")

    def read(self, file: BinaryIO) -> Recorded:
        return Recorded(np.load(file, allow_pickle=False))
