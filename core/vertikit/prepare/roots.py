"""Files that a table names, under a folder or in an archive, and nowhere else."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.prepare.prepared import Source

MOST_BYTES = 4_000_000_000
"""Of one file out of an archive."""


def root_of(named: str, data: Sequence[Source]) -> Root:
    """The root that was named, or the folder of the first file of the data; UsageError where there is neither."""
    if named:
        return Root(named)
    first = next((each for each in data if isinstance(each, str) and "://" not in each), None)
    if first is None:
        raise UsageError(
            "the rows name files, and it is not said where these lie.",
            "Name their folder or archive with --root.",
        )
    return Root(Path(first).parent)


class Root:
    """A folder, or an archive (.zip, and .npz, which is one), whose files are opened by the names that a table has.

    UsageError where there is no such folder or archive.
    """

    def __init__(self, place: str | Path) -> None:
        self.place = Path(place)
        self._archives: dict[Path, zipfile.ZipFile] = {}
        if not self.place.exists():
            raise UsageError(f"--root {place}: no such folder or archive.", "Check the path.")
        if self.place.is_file():
            self._archive(self.place)

    def names(self) -> list[str]:
        """Of the files in an archive; of a folder none, for it may hold anything."""
        return [] if self.place.is_dir() else self._archive(self.place).namelist()

    def open(self, name: str) -> tuple[str, BinaryIO]:
        """(the file's own name, its content); ValueError in words where it is not there, or leads out of the root."""
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or ":" in name:
            raise ValueError("leads out of the root, which is refused")
        if self.place.is_file():
            return self._member(self.place, str(path))
        whole = self.place / path
        if not whole.resolve().is_relative_to(self.place.resolve()):
            raise ValueError("leads out of the root, which is refused")
        if whole.is_file():
            return path.name, whole.open("rb")
        for parent in list(path.parents)[:-1]:
            if (self.place / parent).is_file() and zipfile.is_zipfile(self.place / parent):
                return self._member(self.place / parent, str(path.relative_to(parent)))
        raise ValueError("is not there")

    def _member(self, archive: Path, name: str) -> tuple[str, BinaryIO]:
        held = self._archive(archive)
        known = set(held.namelist())
        found = next((each for each in (name, f"{name}.npy") if each in known), None)
        if found is None:
            raise ValueError("is not in the archive")
        if held.getinfo(found).file_size > MOST_BYTES:
            raise ValueError(f"has more than {MOST_BYTES:,} bytes")
        return found, io.BytesIO(held.read(found))

    def _archive(self, path: Path) -> zipfile.ZipFile:
        if path not in self._archives:
            try:
                self._archives[path] = zipfile.ZipFile(path)
            except (OSError, zipfile.BadZipFile):
                raise UsageError(
                    f"{path} is neither a folder nor an archive (.zip, .npz).", "Name one with --root."
                ) from None
        return self._archives[path]
