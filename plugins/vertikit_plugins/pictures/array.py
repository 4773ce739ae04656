"""Stacks of pictures as arrays of NumPy: `.npy`, and `.npz` as an archive of them."""

from __future__ import annotations

from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import Outline
from vertikit_plugins.pictures.levels import to_bytes

MAGIC = b"\x93NUMPY"
COLOURS = (1, 3, 4)
"""Lengths of a last axis that is of colours; a fourth is of transparency, and left out."""


class Array:
    """[H, W], [N, H, W] or [N, H, W, C], of bytes, whole numbers or floats; a stack is of frames, or of pictures."""

    def __init__(self) -> None:
        self._last: tuple[BinaryIO, NDArray[Any]] | None = None

    def reads(self, name: str, head: bytes) -> bool:
        return head.startswith(MAGIC) or name.endswith(".npy")

    def outline(self, file: BinaryIO) -> Outline:
        file.seek(0)
        try:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, _, kind = read(file)
        except (ValueError, EOFError, OSError, TypeError, SyntaxError):
            raise ValueError("is no array of NumPy, or its head is damaged") from None
        if kind.kind not in "buif":
            raise ValueError(f"is an array of {kind}, not of pixels")
        frames, height, width, _ = _as_frames(shape)
        return Outline(frames, height, width, "array")

    def read(self, file: BinaryIO, frames: range, side: int | None) -> NDArray[np.uint8]:  # noqa: ARG002
        if self._last is None or self._last[0] is not file:
            file.seek(0)
            try:
                found = np.lib.format.read_array(file, allow_pickle=False)
            except (ValueError, EOFError, OSError):
                raise ValueError("is cut off: its end is missing") from None
            self._last = (file, found.reshape(_as_frames(found.shape)))
        chosen = self._last[1][frames.start : frames.stop : frames.step]
        return to_bytes(chosen[..., : 3 if chosen.shape[3] == 4 else None])


def _as_frames(shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """(F, H, W, C); ValueError where an array of that shape holds no pictures."""
    if len(shape) == 2:
        return (1, *shape, 1)
    if len(shape) == 3:
        return (*shape, 1) if shape[2] not in COLOURS else (1, *shape)
    if len(shape) == 4 and shape[3] in COLOURS:
        return (shape[0], shape[1], shape[2], shape[3])
    raise ValueError(f"is an array of shape {list(shape)}, not of pictures")
