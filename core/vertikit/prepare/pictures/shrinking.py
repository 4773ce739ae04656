"""Pictures brought to the size in which they are kept."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def at_most(frames: NDArray[np.uint8], side: int | None) -> NDArray[np.uint8]:
    """Frames [F, H, W, C] whose shorter side is `side` at most, proportions kept; averaged, so that fine structure does
    not turn into coarse one."""
    height, width = frames.shape[1:3]
    if side is None or min(height, width) <= side:
        return frames
    scale = side / min(height, width)
    size = (max(side, round(width * scale)), max(side, round(height * scale)))
    return np.stack([resized(frame, size) for frame in frames])


def resized(frame: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A frame [H, W, C] at (width, height)."""
    from PIL import Image

    picture = Image.fromarray(frame[:, :, 0] if frame.shape[2] == 1 else frame)
    small = np.asarray(picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=3.0))
    return small.reshape(size[1], size[0], frame.shape[2])


def without_colour(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Frames [F, H, W, C] with one channel where all three are equal: a grey film saved in colour is grey."""
    if frames.shape[3] == 1 or (frames != frames[..., :1]).any():
        return frames
    return frames[..., :1]


def grey(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A frame [H, W, C] as [H, W], by the luminance of ITU-R BT.601."""
    if frame.shape[2] == 1:
        return frame[:, :, 0]
    return np.asarray(np.rint(frame @ np.array([0.299, 0.587, 0.114])), np.uint8)
