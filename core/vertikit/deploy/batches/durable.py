"""Files that are there whole or not at all, whenever the process or the machine stops."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

HALF = ".half"
"""Ends the name of a file that is being written."""


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file under another name, see it onto the disk, and give it its name."""
    half = path.with_name(path.name + HALF)
    with half.open("wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    rename_whole(half, path)


def rename_whole(half: Path, path: Path) -> None:
    """Give a written file its name, and see the name onto the disk."""
    half.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """See what was written onto the disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """See the names in a folder onto the disk, where the system can."""
    try:
        place = os.open(folder, os.O_RDONLY)
    except OSError:  # a system on which a folder cannot be opened keeps its names by itself
        return
    try:
        os.fsync(place)
    finally:
        os.close(place)
