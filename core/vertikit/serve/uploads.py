"""Files that come in a request: their content, and no name but one that is made here."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertikit.prepare.pictures.decoding import Readers

_DATA = re.compile(r"data:(?P<kind>[\w.+-]+/[\w.+-]+)?(?:;[\w.+-]+=[\w.+-]+)*(?P<coded>;base64)?,", re.ASCII)
_SUFFIX = re.compile(r"(\.nii)?\.[A-Za-z0-9]{1,8}$")
_KINDS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/tiff": ".tif",
    "application/dicom": ".dcm",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/wave": ".wav",
}


@dataclass(frozen=True)
class Upload:
    """A file's content, and the ending of its name, by which some kinds are told."""

    content: bytes
    suffix: str = ""


def suffix_of(name: str) -> str:
    """The ending of a name that a client gave, or "": nothing else of it is used."""
    found = _SUFFIX.search(name)
    return found[0].lower() if found else ""


def from_data_url(text: str) -> Upload:
    """The content of `data:image/png;base64,...`; ValueError in words where it is none."""
    head = _DATA.match(text)
    if head is None or not head["coded"]:
        raise ValueError("is no data URL (data:image/png;base64,...)")
    try:
        content = base64.b64decode(text[head.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("is not base64 after the comma") from None
    if not content:
        raise ValueError("is empty (0 bytes)")
    return Upload(content, _KINDS.get((head["kind"] or "").lower(), ""))


def too_large(upload: Upload, readers: Readers, most: int) -> str:
    """Why a picture is not to be decoded: it claims more pixels than allowed, or cannot be looked at; else ""."""
    file = io.BytesIO(upload.content)
    try:
        outline = readers.of(f"picture{upload.suffix}", file).outline(file)
    except ValueError as error:
        return str(error)
    except Exception as error:  # of a library: the file is damaged, whatever it says of it
        return f"cannot be read ({type(error).__name__})"
    pixels = outline.frames * outline.height * outline.width
    return f"has {pixels:,} pixels, and {most:,} are allowed" if pixels > most else ""


def write(folder: Path, number: int, upload: Upload) -> str:
    """Write it under a name of our own; the name."""
    name = f"{number}{upload.suffix}"
    (folder / name).write_bytes(upload.content)
    return name
