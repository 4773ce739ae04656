"""Columns of pictures: a photograph, a film, a slice or a volume, in a file that a row names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from vertikit.columns import Column, Role

LONGEST_NAME = 1000


@dataclass(frozen=True)
class Image(Column):
    """A cell that names a picture: a file under `--root`, or one of several that a file holds.

    `film.png`, `scan.dcm`, `chest.nii.gz[40]` (a slice of a volume, or a frame; without it, all of them), and
    `train_images[12]` (a picture of an array that an archive holds). What an example holds of it are pixels
    (`Examples.pictures`).
    """

    modality: ClassVar[str] = "image"

    def parse(self, raw: str) -> str:
        if "\x00" in raw or len(raw) > LONGEST_NAME:
            raise ValueError("is no name of a picture")
        return raw.strip()

    def json_schema(self) -> dict[str, Any]:
        return {"type": "string", "description": self.help}


@dataclass(frozen=True)
class Mask(Image):
    """Names a picture of the same size that is not black where something is to be found. Never an input.

    Args:
        of: the column of the picture that it lies over.
    """

    role: ClassVar[Role] = "mask"
    modality: ClassVar[str] = ""
    required: bool = False
    of: str = "image"
