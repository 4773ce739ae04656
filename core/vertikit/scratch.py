"""Arrays that may be larger than memory: in files without a name, which are gone with the process."""

from __future__ import annotations

from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

IN_MEMORY = 64 * 2**20
"""Bytes up to which an array is kept in memory after all."""


def zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros; a large one is a file mapped into memory, in the folder for temporary files (TMPDIR)."""
    if int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize <= IN_MEMORY:
        return np.zeros(shape, dtype)
    # The mapping keeps the file, whose name is gone already; nobody else can open it.
    with TemporaryFile(prefix="vertikit-") as file:
        return np.memmap(file, dtype=dtype, mode="w+", shape=shape)


class Growing:
    """A flat array that is written piece by piece, and read when it is whole.

    Args:
        dtype: of its elements.
    """

    def __init__(self, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._file = TemporaryFile(prefix="vertikit-")  # noqa: SIM115 - `whole` closes it
        self._count = 0

    def add(self, piece: NDArray[Any]) -> None:
        """Append [n]."""
        piece.astype(self._dtype, copy=False).tofile(self._file)
        self._count += len(piece)

    def whole(self) -> NDArray[Any]:
        """All elements; nothing can be added any more."""
        with self._file as file:
            if self._count * self._dtype.itemsize <= IN_MEMORY:
                file.seek(0)
                return np.fromfile(file, self._dtype)
            file.flush()
            return np.memmap(file, dtype=self._dtype, mode="r", shape=(self._count,))
