"""Archives that are read in place: nothing is unpacked, and nothing in them can claim more than it holds."""

from __future__ import annotations

import tarfile
import threading
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol, cast

MOST_UNZIPPED = 50_000_000_000
"""Bytes of a compressed tar without its compression."""
PIECE = 1 << 20


class Archive(Protocol):
    """Its files by name; directories, links and devices are none."""

    @property
    def names(self) -> Collection[str]: ...

    def size(self, name: str) -> int:
        """Bytes, as the archive claims."""
        ...

    def read(self, name: str) -> bytes:
        """The content; ValueError in words where it is damaged, locked, or larger than claimed."""
        ...


class Zip:
    """A .zip, and .npz, which is one."""

    def __init__(self, path: Path) -> None:
        self._file = zipfile.ZipFile(path)
        self._members = {each.filename: each for each in self._file.infolist() if not each.is_dir()}

    @property
    def names(self) -> Collection[str]:
        return self._members.keys()

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def read(self, name: str) -> bytes:
        member = self._members[name]
        try:
            with self._file.open(member) as file:
                found = file.read(member.file_size + 1)
        except RuntimeError:
            raise ValueError("is locked with a password") from None
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError):
            raise ValueError("is damaged in its archive") from None
        if len(found) > member.file_size:
            raise ValueError("is larger than its archive says")
        return found


class Tar:
    """A .tar, or a compressed one, which is unzipped once into a file without a name: its members lie anywhere."""

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb")
        try:
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115 - open as long as the archive is
        except tarfile.ReadError:
            self._file = _unzipped(path)
            self._tar = tarfile.open(fileobj=self._file, mode="r:")  # noqa: SIM115
        self._members = {each.name: each for each in self._tar if each.isreg()}
        self._lock = threading.Lock()

    @property
    def names(self) -> Collection[str]:
        return self._members.keys()

    def size(self, name: str) -> int:
        return self._members[name].size

    def read(self, name: str) -> bytes:
        member = self._members[name]
        with self._lock:
            self._file.seek(member.offset_data)
            found = self._file.read(member.size)
        if len(found) < member.size:
            raise ValueError("is cut off: its archive ends before it does")
        return found


def is_archive(path: Path) -> bool:
    """Judged by its content."""
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except OSError:
        return False


def open_archive(path: Path) -> Archive | None:
    """None where the file is no archive, or a damaged one."""
    try:
        if zipfile.is_zipfile(path):
            return Zip(path)
        return Tar(path)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, ValueError):
        return None


def _unzipped(path: Path) -> IO[bytes]:
    """ValueError where it would be larger than `MOST_UNZIPPED`: a bomb."""
    import bz2
    import gzip
    import lzma

    with path.open("rb") as file:
        head = file.read(6)
    openers: dict[bytes, Any] = {b"\x1f\x8b": gzip.open, b"BZ": bz2.open, b"\xfd7": lzma.open}
    opener = next((each for magic, each in openers.items() if head.startswith(magic)), None)
    if opener is None:
        raise ValueError("is no tar")
    whole = TemporaryFile(prefix="vertikit-")  # noqa: SIM115 - gone with the process
    with cast("IO[bytes]", opener(path, "rb")) as file:
        while piece := file.read(PIECE):
            whole.write(piece)
            if whole.tell() > MOST_UNZIPPED:
                raise ValueError("is larger than any archive")
    whole.seek(0)
    return whole
