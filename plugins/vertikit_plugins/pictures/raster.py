"""Photographs and scans by Pillow: PNG, JPEG, TIFF (16 bit and float too), BMP, WebP, GIF."""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import Outline
from vertikit_plugins.pictures.levels import to_bytes

if TYPE_CHECKING:
    from PIL import Image

SIGNS = (
    b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"BM", b"GIF87a", b"GIF89a",
)  # fmt: skip
ENDINGS = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif")
KINDS = ("PNG", "JPEG", "TIFF", "BMP", "WEBP", "GIF")
DEEP = ("I", "F", "I;16", "I;16B", "I;16L", "I;16N")
"""Modes of Pillow with more than 8 bits a channel."""
ORIENTATION = 0x0112


class Raster:
    """Of an animation (GIF, animated PNG or WebP) the first picture counts; the pages of a TIFF are frames.

    Turned upright as EXIF says. What is transparent is black: nothing was recorded there. Colours of a printer (CMYK)
    become red, green and blue. Of 16 bits, the darkest and the brightest value of a picture are black and white.
    """

    def reads(self, name: str, head: bytes) -> bool:
        webp = head[:4] == b"RIFF" and head[8:12] == b"WEBP"
        return webp or head.startswith(SIGNS) or name.lower().endswith(ENDINGS)

    def outline(self, file: BinaryIO) -> Outline:
        picture = _opened(file)
        width, height = picture.size
        if _lies_on_its_side(picture):
            width, height = height, width
        return Outline(_pages(picture), height, width, str(picture.format).lower())

    def read(self, file: BinaryIO, frames: range, side: int | None) -> NDArray[np.uint8]:
        picture = _opened(file)
        if side is not None and picture.format == "JPEG":
            scale = min(picture.size) / side
            if scale >= 2:  # the decoder leaves fine detail out, at half or a quarter of the work
                picture.draft(picture.mode, (int(picture.width / scale), int(picture.height / scale)))
        found = []
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for frame in frames:
                    if _pages(picture) > 1:
                        picture.seek(frame)
                    found.append(_upright(picture))
        except (OSError, SyntaxError, EOFError, ValueError) as error:
            raise ValueError(_why(error)) from None
        if len({each.shape for each in found}) > 1:
            raise ValueError("has pages of several sizes: name one, as in scan.tif[0]")
        return to_bytes(np.stack(found))


def _opened(file: BinaryIO) -> Image.Image:
    from PIL import Image, UnidentifiedImageError

    file.seek(0)
    try:
        with warnings.catch_warnings():
            # Sizes are judged by the engine, from the head; of damage, what matters is told in an error.
            warnings.simplefilter("ignore")
            return Image.open(file, formats=KINDS)
    except UnidentifiedImageError:
        raise ValueError("is no picture, whatever its name says") from None
    except Image.DecompressionBombError as error:
        found = re.search(r"\d+", str(error))  # the size that the head claims is told in the error alone
        claimed = f"{int(found[0]):,} pixels" if found else "more pixels"
        raise ValueError(f"claims {claimed}, more than any picture has") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise ValueError(_why(error)) from None


def _lies_on_its_side(picture: Image.Image) -> bool:
    """By what stands before the pixels alone. Of a TIFF, Pillow tells the size that it has when it is upright."""
    from PIL import Image

    about = picture.info.get("exif")
    if picture.format == "TIFF" or not isinstance(about, bytes):
        return False
    exif = Image.Exif()
    try:
        exif.load(about)
    except (OSError, SyntaxError, ValueError):
        return False
    return exif.get(ORIENTATION, 1) in (5, 6, 7, 8)


def _pages(picture: Image.Image) -> int:
    """Of a TIFF; an animation shows one thing."""
    return int(getattr(picture, "n_frames", 1)) if picture.format == "TIFF" else 1


def _upright(picture: Image.Image) -> NDArray[Any]:
    """[H, W, C] of the page that was sought."""
    from PIL import Image, ImageOps

    picture.load()
    page: Image.Image = picture
    if page.mode in DEEP:
        values = np.asarray(ImageOps.exif_transpose(page))
        return values[:, :, None]
    if page.mode == "P":
        page = page.convert("RGBA" if "transparency" in page.info else "RGB")
    elif page.mode == "1":
        page = page.convert("L")
    if page.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        over = Image.new("RGBA", page.size, (0, 0, 0, 255))
        over.alpha_composite(page.convert("RGBA"))
        page = over.convert("L" if page.mode in ("LA", "La") else "RGB")
    elif page.mode not in ("L", "RGB"):
        page = page.convert("RGB")  # CMYK (inverted by Adobe or not, which Pillow knows), YCbCr, LAB, HSV
    values = np.asarray(ImageOps.exif_transpose(page))
    return values[:, :, None] if values.ndim == 2 else values


def _why(error: Exception) -> str:
    """Of what Pillow says in half a dozen ways."""
    said = str(error).lower()
    if "truncated" in said or "unexpected end" in said or isinstance(error, EOFError):
        return "is cut off: its end is missing"
    if "broken" in said or "crc" in said or "corrupt" in said:
        return "is damaged"
    return "cannot be decoded: it is damaged, or of a kind that Pillow does not know"
