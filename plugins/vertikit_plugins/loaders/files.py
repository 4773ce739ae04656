"""Opens plain and gzipped files; what is damaged is said in one line."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from vertikit import VertikitError

_KINDS = {
    b"\x1f\x8b": ("a gzip file", "Give its name the ending .gz."),
    b"PK\x03\x04": ("a zip file or an Excel sheet", "Save the sheet as CSV, or unpack the archive."),
    b"\xd0\xcf\x11\xe0": ("an old Excel or Word file", "Save the sheet as CSV."),
    b"PAR1": ("a Parquet file", "Give its name the ending .parquet."),
    b"%PDF": ("a PDF", "Give the table that it was made from."),
    b"\xff\xfe": ("UTF-16 text", "Save it as UTF-8: iconv -f utf-16 -t utf-8 OLD > NEW"),
    b"\xfe\xff": ("UTF-16 text", "Save it as UTF-8: iconv -f utf-16 -t utf-8 OLD > NEW"),
}
"""The first bytes of files that are often mistaken for text -> what they are, and what to do."""

_CONTROL = bytes({*range(32), 127} - set(b"\t\n\v\f\r\x1b"))


def has_suffix(source: str, suffixes: tuple[str, ...]) -> bool:
    """Whether a path ends in one of the suffixes, with or without .gz after it; a URL never does."""
    return "://" not in source and source.lower().removesuffix(".gz").endswith(suffixes)


@contextmanager
def open_text_bytes(source: str) -> Iterator[BinaryIO]:
    """The bytes of a text file, unzipped where its name ends in .gz.

    VertikitError where it is not there, is no text at all, or its gzip stream is damaged or cut short.
    """
    path = Path(source)
    try:
        with gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb") as file:
            stream = cast(BinaryIO, file)
            _refuse_binary(source, stream.read(4096))
            stream.seek(0)
            yield stream
    except FileNotFoundError as error:
        raise VertikitError(f"there is no file {source}.", "Check the path.") from error
    except gzip.BadGzipFile as error:
        raise VertikitError(
            f"{source} is not a gzip file, though its name says so.", "Rename it, or zip it again."
        ) from error
    except (EOFError, zlib.error) as error:
        raise VertikitError(f"{source} is damaged or cut short.", "Copy or export it again.") from error


def _refuse_binary(source: str, start: bytes) -> None:
    if not start:
        raise VertikitError(f"{source} is empty (0 bytes).", "Export it again, or name another file.")
    for magic, (kind, do) in _KINDS.items():
        if start.startswith(magic):
            raise VertikitError(f"{source} is {kind}.", do)
    # A few stray bytes are the affair of their rows.
    stray = len(start) - len(start.translate(None, _CONTROL))
    if stray > max(8, len(start) // 20):
        raise VertikitError(f"{source} is not a text file.", "Save the table as CSV in UTF-8.")
