"""Files that a table names, under a folder or in an archive, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from vertikit.errors import UsageError
from vertikit.prepare.archives import Archive, is_archive, open_archive

if TYPE_CHECKING:
    from vertikit.examples import Examples

MOST_BYTES = 4_000_000_000
"""Of one file out of an archive."""


@dataclass(frozen=True)
class Place:
    """Where the files lie that a source names.

    Args:
        folder: or archive; "" where the source has none, rows in memory for one.
        own: whether the source itself is that place, so that no --root stands for it.
    """

    folder: str = ""
    own: bool = False


def roots_of(named: str, places: Mapping[str, Place], examples: Examples) -> Callable[[int], Root]:
    """Position of an example -> the root of its source: that of a source which is its own, else the one that was
    named, else the source's folder. UsageError where there is neither."""
    opened: dict[str, Root] = {}

    def root(at: int) -> Root:
        place = places.get(str(examples.source[at]), Place())
        path = place.folder if place.own else named or place.folder
        if not path:
            raise UsageError(
                "the rows name files, and it is not said where these lie.",
                "Name their folder or archive with --root.",
            )
        if path not in opened:
            opened[path] = Root(path)
        return opened[path]

    return root


class Root:
    """A folder, or an archive (.zip, .npz, .tar, .tar.gz), whose files are opened by the names that a table has.

    Several threads may open files at a time. UsageError where there is no such folder or archive.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)
        self._archives: dict[Path, Archive] = {}
        if not self.place.exists():
            raise UsageError(f"--root {place}: no such folder or archive.", "Check the path.")
        if self.place.is_file():
            self._archive(self.place)

    def names(self) -> list[str]:
        """Of the files in an archive; of a folder none, for it may hold anything."""
        return [] if self.place.is_dir() else list(self._archive(self.place).names)

    def open(self, name: str) -> tuple[str, BinaryIO]:
        """(the file's own name, its content); ValueError in words where it is not there, or leads out of the root."""
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name or "\x00" in name:
            raise ValueError("leads out of the root, which is refused")
        try:
            if self.place.is_file():
                return self._member(self.place, str(path))
            whole = self.place / path
            if not whole.resolve().is_relative_to(self.place.resolve()):
                raise ValueError("leads out of the root, which is refused")
            if whole.is_file():
                return path.name, whole.open("rb")
            for parent in list(path.parents)[:-1]:
                if (self.place / parent).is_file() and is_archive(self.place / parent):
                    return self._member(self.place / parent, str(path.relative_to(parent)))
        except OSError as error:
            raise ValueError(f"cannot be opened ({error.strerror or type(error).__name__})") from None
        raise ValueError("is not there")

    def _member(self, archive: Path, name: str) -> tuple[str, BinaryIO]:
        held = self._archive(archive)
        found = next((each for each in (name, f"./{name}", f"{name}.npy") if each in held.names), None)
        if found is None:
            raise ValueError("is not in the archive")
        if held.size(found) > MOST_BYTES:
            raise ValueError(f"has more than {MOST_BYTES:,} bytes")
        return found, io.BytesIO(held.read(found))

    def _archive(self, path: Path) -> Archive:
        if path not in self._archives:
            found = open_archive(path)
            if found is None:
                raise UsageError(
                    f"{path} is neither a folder nor an archive (.zip, .npz, .tar, .tar.gz).",
                    "Name one with --root.",
                )
            self._archives[path] = found
        return self._archives[path]
