"""What a reader of pictures has to keep to (`vertikit.contracts.PictureReader`).

Its author's example is a function of (folder, pixels [H, W] uint8) that writes them without loss and gives the file.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from vertikit.testing.check import Failed, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

HEIGHT, WIDTH = 24, 40
NEAR = 3
"""Levels that a pixel may be away: a reader may take the very brightest for noise."""


def _pixels() -> Any:
    """Every level from 0 to 255, so that no reader has to stretch them."""
    found = np.linspace(0, 255, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH)
    return found.round().astype(np.uint8)


def _bytes(subject: Subject) -> tuple[str, bytes]:
    path = Path(subject.writer(subject.folder, _pixels()))
    return path.name, path.read_bytes()


@check("pictures", "reads")
def reads(subject: Subject) -> None:
    """It takes its own file by name and head, and none that nobody has."""
    reader = subject.make()
    expect(not reader.reads("film.no-such-ending", b"no head of a picture"), "it takes film.no-such-ending")
    name, content = _bytes(subject)
    expect(reader.reads(name, content[:512]), "it does not take what its own example writes")


@check("pictures", "outline")
def outline(subject: Subject) -> None:
    """The head says how many pictures there are, and how high and wide they are."""
    _, content = _bytes(subject)
    found = subject.make().outline(io.BytesIO(content))
    told = (found.frames, found.height, found.width)
    expect(told == (1, HEIGHT, WIDTH), f"1 picture of {HEIGHT} x {WIDTH} is told as {told}")
    expect(found.kind.strip(), "it does not say what kind of file it is")


@check("pictures", "pixels")
def pixels(subject: Subject) -> None:
    """Pixels are [F, H, W, C] of bytes, upright, white high."""
    _, content = _bytes(subject)
    found = subject.make().read(io.BytesIO(content), range(1), None)
    right = found.ndim == 4 and found.shape[:3] == (1, HEIGHT, WIDTH) and found.shape[3] in (1, 3)
    expect(right, f"pixels are {found.shape} of a picture of {HEIGHT} x {WIDTH}")
    expect(found.dtype == np.uint8, f"pixels are {found.dtype}, not uint8")
    away = np.abs(found[0].astype(int) - _pixels()[..., None]).max()
    expect(away <= NEAR, f"a pixel is {away} levels away")


@check("pictures", "damaged")
def damaged(subject: Subject) -> None:
    """A file that is noise or cut off is a ValueError in words that hold nothing of the file."""
    _, content = _bytes(subject)
    noise = bytes((at * 37 + 200) % 256 for at in range(600))
    _refused("noise", lambda: subject.make().outline(io.BytesIO(noise)))
    short = io.BytesIO(content[: len(content) // 2])

    def whole() -> None:
        reader = subject.make()
        reader.outline(short)
        reader.read(short, range(1), None)

    _refused("half a file", whole)


def _refused(told: str, read: Callable[[], Any]) -> None:
    try:
        read()
    except ValueError as error:
        expect(str(error).strip(), f"{told} is a ValueError without a word")
    except Exception as error:
        raise Failed(f"{told} raises {type(error).__name__}: {error}; raise ValueError") from error
    else:
        raise Failed(f"{told} is read as a picture")


CHECKS = (
    built("pictures", ("reads", "outline", "read")),
    reads,
    outline,
    pixels,
    damaged,
    refuses("pictures"),
)
