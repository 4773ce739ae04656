"""Shots of invented plates as files, with the table that names them."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vertikit.sample_files import files_beside
from vertikit_manufacturing.samples.plates import DEFECTS, Plate, again, shot, sound_plate

SHOTS = (0.6, 0.28, 0.12)
"""Shares of plates that are photographed once, twice and three times."""


@dataclass(frozen=True)
class Taken:
    """A photograph: the plate's number, what is wrong with it ("" for nothing), the pixels, and where."""

    part: int
    kind: str
    pixels: NDArray[np.uint8]
    defect: NDArray[np.bool_]


def taken(kinds: Sequence[str], faint: float, random: np.random.Generator) -> list[Taken]:
    """Shots of one plate after the other until there are as many as `kinds`, which says what is wrong in turn.

    `faint` is how weak the weakest defects are, against 1 for those that nobody misses.
    """
    found: list[Taken] = []
    part = 0
    while len(found) < len(kinds):
        part += 1
        kind = kinds[len(found)]
        plate: Plate = sound_plate(random)
        if kind:
            plate = DEFECTS[kind](plate, random.uniform(faint, 1.2), random)
        count = int(random.choice(len(SHOTS), p=SHOTS)) + 1
        for _ in range(count):
            if len(found) < len(kinds) and kinds[len(found)] == kind:
                found.append(Taken(part, kind, *shot(plate, random)))
                plate = again(plate, random)
    return found


def save(pixels: NDArray[np.uint8], folder: Path, name: str) -> str:
    """Write a PNG; its name as a cell has it."""
    from PIL import Image

    folder.mkdir(exist_ok=True)
    Image.fromarray(pixels).save(folder / name)
    return f"{folder.name}/{name}"


def write_table(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """CSV in UTF-8 with a header and "\\n" line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


__all__ = ["Taken", "files_beside", "save", "taken", "write_table"]
