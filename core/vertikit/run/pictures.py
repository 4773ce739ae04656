"""The pictures of a run: what it looked at, as PNG files under `pictures/` with a list of them, for a report."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.errors import VertikitError

if TYPE_CHECKING:
    from PIL import Image

FOLDER = "pictures"
LIST = "pictures.json"
SHOWN_SIDE = 256
"""Pixels of the longer side of a picture that is shown."""
STRENGTH = 0.6
"""How much of the strongest heat covers the picture."""


@dataclass(frozen=True)
class Shown:
    """A picture that a report shows.

    Args:
        row: the number in its file of the row that it belongs to. part: the heading that it stands under.
        caption: one line beneath it. png: the file's content.
    """

    row: int
    part: str
    caption: str
    png: bytes


def write_pictures(folder: Path, shown: Sequence[Shown]) -> None:
    """Write `pictures/` of a run folder; nothing where there is none to show."""
    if not shown:
        return
    place = folder / FOLDER
    place.mkdir(mode=0o700, exist_ok=True)
    entries = []
    for number, each in enumerate(shown, 1):
        name = f"{number:02d}-row-{each.row}.png"
        (place / name).write_bytes(each.png)
        entries.append({**asdict(each), "png": name})
    (place / LIST).write_text(json.dumps(entries, indent=1, ensure_ascii=False), encoding="utf-8")


def read_pictures(folder: Path) -> list[Shown]:
    """What `write_pictures` wrote, or nothing; VertikitError where it is damaged."""
    place = folder / FOLDER
    if not (place / LIST).exists():
        return []
    try:
        entries = json.loads((place / LIST).read_text(encoding="utf-8"))
        return [
            Shown(
                int(each["row"]), each["part"], each["caption"], (place / Path(each["png"]).name).read_bytes()
            )
            for each in entries
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VertikitError(
            f"{place} is damaged: {type(error).__name__}.", "Restore the folder from a copy, or train again."
        ) from error


def overlay(
    picture: NDArray[np.uint8],
    heat: NDArray[np.float32] | None,
    outline: NDArray[np.bool_] | None = None,
) -> Image.Image:
    """A picture [H, W, C] under its heat [h, w] from 0 to 1, which may be of another size.

    Cold stays as it is, hot is covered with yellow to red; `outline` [H, W] is drawn around in green: what was marked
    by a person.
    """
    from matplotlib import colormaps
    from PIL import Image

    colour = np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture
    shown = _enlarged(Image.fromarray(np.ascontiguousarray(colour)))
    if heat is not None:
        small = Image.fromarray(np.asarray(heat, np.float32))
        warm = np.asarray(small.resize(shown.size, Image.Resampling.BILINEAR)).clip(0, 1)
        paint = colormaps["autumn_r"](warm)[:, :, :3] * 255
        cover = (STRENGTH * warm)[:, :, None]
        shown = Image.fromarray(np.asarray(np.asarray(shown) * (1 - cover) + paint * cover, np.uint8))
    if outline is not None and outline.any():
        from scipy.ndimage import binary_erosion

        whole = Image.fromarray(outline.astype(np.uint8) * 255).resize(shown.size, Image.Resampling.NEAREST)
        marked = np.asarray(whole) > 0
        edge = marked & ~binary_erosion(marked, iterations=2)
        pixels = np.array(shown)
        pixels[edge] = (0, 220, 90)
        shown = Image.fromarray(pixels)
    return shown


def beside(left: Image.Image, right: Image.Image) -> Image.Image:
    """Two pictures of one size as one, a thin line between them."""
    from PIL import Image

    gap = 4
    found = Image.new("RGB", (left.width + gap + right.width, max(left.height, right.height)), "white")
    found.paste(left, (0, 0))
    found.paste(right, (left.width + gap, 0))
    return found


def as_png(picture: Image.Image) -> bytes:
    """The file's content; nothing in it but pixels."""
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def _enlarged(picture: Image.Image) -> Image.Image:
    """At the size in which pictures are shown: a small one with its pixels to be seen."""
    from PIL import Image

    scale = SHOWN_SIDE / max(picture.size)
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.NEAREST if scale >= 2 else Image.Resampling.BILINEAR)
