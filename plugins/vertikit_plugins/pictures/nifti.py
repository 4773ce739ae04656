"""Volumes in NIfTI, by nibabel: axial slices, from the feet up."""

from __future__ import annotations

import gzip
import logging
import warnings
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import Outline
from vertikit_plugins.pictures.levels import to_bytes

if TYPE_CHECKING:
    from nibabel.nifti1 import Nifti1Image

ENDINGS = (".nii", ".nii.gz")
LARGEST = 2_000_000_000
"""Bytes of a volume without its compression."""
DARKEST, BRIGHTEST = 0.5, 99.5
"""Percentiles of a volume that are black and white: a single bright voxel must not darken all others."""


class Nifti:
    """Brought to the nearest of the usual orientations (nibabel's RAS+), and shown as a radiologist looks at slices:
    the patient's right is on the left of the picture, the front is up. The frames are slices; of a series in time,
    those of its first volume. Values from the 0.5th to the 99.5th percentile of the volume become black to white.
    """

    def reads(self, name: str, head: bytes) -> bool:
        if head[344:348] in (b"n+1\x00", b"ni1\x00") or head[4:8] == b"n+2\x00":
            return True
        return name.lower().endswith(ENDINGS)

    def outline(self, file: BinaryIO) -> Outline:
        shape = _volume(file).shape
        return Outline(int(shape[2]), int(shape[1]), int(shape[0]), "nifti")

    def read(self, file: BinaryIO, frames: range, side: int | None) -> NDArray[np.uint8]:  # noqa: ARG002
        volume = _volume(file)
        try:
            values = np.asarray(volume.dataobj, np.float32)
        except (OSError, ValueError, EOFError, zlib.error):
            raise ValueError("is NIfTI that is cut off or damaged") from None
        while values.ndim > 3:
            values = values[..., 0]
        finite = values[np.isfinite(values)]
        if not finite.size:
            raise ValueError("has no value that is a number")
        low, high = np.percentile(finite, (DARKEST, BRIGHTEST))
        if high <= low:
            low, high = float(finite.min()), float(finite.max())
        # From x to the right, y to the front and z up, to rows from front to back and columns from right to left.
        slices = values.transpose(2, 1, 0)[:, ::-1, ::-1][frames.start : frames.stop : frames.step]
        return to_bytes(slices[..., None], float(low), float(high))


def _volume(file: BinaryIO) -> Nifti1Image:
    """In the nearest usual orientation; ValueError in words."""
    import nibabel

    logger = logging.getLogger("nibabel.global")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            content = _unzipped(file)
            kind: Any = nibabel.Nifti2Image if content[4:8] == b"n+2\x00" else nibabel.Nifti1Image
            found: Nifti1Image = nibabel.as_closest_canonical(kind.from_bytes(content))
    except Exception as error:  # of the library there are a dozen kinds, and they quote the header
        if isinstance(error, ValueError) and str(error).startswith("has more than"):
            raise
        raise ValueError("is NIfTI that is cut off or damaged, or none") from None
    finally:
        logger.disabled = before
    if len(found.shape) < 3 or min(found.shape) < 1:
        raise ValueError(f"is NIfTI of shape {list(found.shape)}, not a volume")
    return found


def _unzipped(file: BinaryIO) -> bytes:
    file.seek(0)
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not packed:
        return file.read()
    with gzip.open(file) as stream:
        content = stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise ValueError(f"has more than {LARGEST:,} bytes")
    return content
