"""Films, slices and volumes in DICOM, by pydicom. Nothing of a header but what pixels need ever leaves this room.

Names, dates and numbers of patients stand in headers, and libraries quote what they read: whatever goes wrong here is
said in words of our own.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import Outline
from vertikit_plugins.pictures.levels import to_bytes

if TYPE_CHECKING:
    from pydicom import Dataset

ENDINGS = (".dcm", ".dicom", ".ima")
_OPENJPEG, _LIBJPEG = "pylibjpeg pylibjpeg-openjpeg", "pylibjpeg pylibjpeg-libjpeg"
CODECS = {
    "1.2.840.10008.1.2.4.50": "pillow",
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{each}" for each in (51, 57, 70)), _LIBJPEG),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{each}" for each in (80, 81)), "pyjpegls"),
    **dict.fromkeys((f"1.2.840.10008.1.2.4.{each}" for each in (90, 91, 201, 202, 203)), _OPENJPEG),
}
"""How pixels are packed (transfer syntax) -> packages that unpack them, where pydicom cannot do it alone."""
LARGEST = 65_535
"""Rows and columns that a header can claim."""


class Dicom:
    """Values of the modality (Hounsfield units, say), through the window that the file names, else from the darkest to
    the brightest; MONOCHROME1, in which low is white, is turned over; palettes and YBR become red, green and blue.

    Frames of one file are frames. Pictures stay as they are stored: of films, what is on the left of the screen is told
    by a mark in them, and a model sees them as a reader does.
    """

    def reads(self, name: str, head: bytes) -> bool:
        if head[128:132] == b"DICM":
            return True
        # Older files begin with a group of the header: 0002 or 0008, little endian.
        old = head[:2] in (b"\x02\x00", b"\x08\x00") and head[3:4] == b"\x00"
        return name.lower().endswith(ENDINGS) or old

    def outline(self, file: BinaryIO) -> Outline:
        with _in_our_words():
            header = _header(file)
        try:
            height, width = int(header.get("Rows") or 0), int(header.get("Columns") or 0)
            frames = int(header.get("NumberOfFrames") or 1)
        except (TypeError, ValueError):
            raise ValueError("is DICOM with a header that makes no sense") from None
        if not height or not width:
            raise ValueError("is DICOM without pixels (a report, a plan or a structure)")
        if height > LARGEST or width > LARGEST or not 0 < frames < 1_000_000:
            raise ValueError("is DICOM with a header that makes no sense")
        return Outline(frames, height, width, "dicom")

    def read(self, file: BinaryIO, frames: range, side: int | None) -> NDArray[np.uint8]:  # noqa: ARG002
        with _in_our_words():
            import pydicom

            file.seek(0)
            whole = pydicom.dcmread(file, force=True)
            _complete(whole)
            if "PixelData" not in whole:
                raise _SaidError("is DICOM without pixels (a report, a plan or a structure)")
            values = _frames(whole)[frames.start : frames.stop : frames.step]
            return _shown(whole, values)


class _SaidError(ValueError):
    """An error in our own words."""


@contextmanager
def _in_our_words() -> Iterator[None]:
    """Errors without anything of the file; warnings and logs of the library, which quote it, silenced."""
    logger = logging.getLogger("pydicom")
    before, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except _SaidError as error:
        raise ValueError(str(error)) from None
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError("a package is missing", name=error.name) from None
    except Exception as error:
        kind = type(error).__name__
        cut = kind in ("EOFError", "BytesLengthException") or "expected" in str(error)[:200].lower()
        raise ValueError(
            "is DICOM that is cut off or damaged" if cut else f"is DICOM that cannot be read ({kind})"
        ) from None
    finally:
        logger.disabled = before


def _header(file: BinaryIO) -> Dataset:
    import pydicom

    file.seek(0)
    return pydicom.dcmread(
        file,
        stop_before_pixels=True,
        force=True,
        specific_tags=["Rows", "Columns", "NumberOfFrames", "SamplesPerPixel"],
    )


def _complete(whole: Dataset) -> None:
    """A file without a meta header is read as the plainest kind there is."""
    import pydicom

    meta = getattr(whole, "file_meta", None)
    if meta is None:
        whole.file_meta = meta = pydicom.dataset.FileMetaDataset()
    if "TransferSyntaxUID" not in meta:
        meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian


def _frames(whole: Dataset) -> NDArray[Any]:
    """[F, H, W] or [F, H, W, 3], in red, green and blue where there are colours."""
    syntax = str(whole.file_meta.TransferSyntaxUID)
    try:
        values = np.asarray(whole.pixel_array)
    except (RuntimeError, NotImplementedError, AttributeError, ValueError, TypeError, IndexError):
        if syntax in CODECS and not _unpacks(syntax):
            raise _SaidError(
                f"is DICOM packed in a way that needs a package: pip install {CODECS[syntax]}"
            ) from None
        if syntax in CODECS:
            raise _SaidError("is DICOM with pixels that are cut off or damaged") from None
        raise _SaidError(
            "is DICOM with fewer pixels than its header says, or packed in a way that is not known"
        ) from None
    colours = int(whole.get("SamplesPerPixel", 1))
    return values if values.ndim == (4 if colours > 1 else 3) else values[None]


def _unpacks(syntax: str) -> bool:
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    try:
        return bool(get_decoder(UID(syntax)).is_available)
    except NotImplementedError:
        return False


def _shown(whole: Dataset, values: NDArray[Any]) -> NDArray[np.uint8]:
    from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_windowing

    kind = str(whole.get("PhotometricInterpretation", "MONOCHROME2"))
    if kind == "PALETTE COLOR":
        values = apply_color_lut(values, whole)
        return to_bytes(values, 0, 65_535 if values.dtype == np.uint16 else 255)
    if values.ndim == 4:
        return (
            to_bytes(values)
            if values.dtype == np.uint8
            else to_bytes(values, 0, float(np.iinfo(values.dtype).max))
        )
    modal = np.asarray(apply_modality_lut(values, whole), np.float64)
    inverted = kind == "MONOCHROME1"
    if "WindowCenter" in whole and "WindowWidth" in whole:
        shown = np.asarray(apply_windowing(modal, whole), np.float64)
        low, high = float(shown.min()), float(shown.max())
        centre, width = (_first(whole.get(name)) for name in ("WindowCenter", "WindowWidth"))
        if width > 1:
            low, high = centre - 0.5 - (width - 1) / 2, centre - 0.5 + (width - 1) / 2
            return to_bytes(modal[..., None], low, high, inverted=inverted)
        return to_bytes(shown[..., None], low, high, inverted=inverted)
    return to_bytes(modal[..., None], float(modal.min()), float(modal.max()), inverted=inverted)


def _first(value: Any) -> float:
    """Of a window that may have several."""
    return float(value[0] if hasattr(value, "__getitem__") and not isinstance(value, str) else value)
