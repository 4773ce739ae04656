"""From a source to folds: loaders, readers of recordings, splits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Fold


@dataclass(frozen=True)
class BadRow:
    """A row that cannot be used: its number in its file (from 1), why, and what was read."""

    row: int
    reason: str
    raw: str = ""
    source: str = ""


@dataclass(frozen=True)
class Loaded:
    """What a loader leaves: an Arrow IPC stream with every column as string and `_row` (int64, from 1),
    and the rows that could not be read. `vertikit.prepare.row_file` writes such streams. `root` is the folder or
    archive that rows name files of, where the source is one itself."""

    path: Path
    columns: tuple[str, ...]
    bad: tuple[BadRow, ...] = ()
    root: str = ""


class Loader(Protocol):
    """A source of rows. One whose rows are nothing but pictures says so by `modality = "image"`: a task that reads none
    is not offered it."""

    def reads(self, source: str) -> bool:
        """Whether this loader takes the source, judged by its name alone."""
        ...

    def load(self, source: str, folder: Path) -> Loaded:
        """Read all rows into an Arrow file in `folder`; VertikitError where nothing can be read."""
        ...


@runtime_checkable
class RangeLoader(Loader, Protocol):
    """A loader that finds rows of a source where they lie: what is larger than memory is read piece by piece, and no
    copy of it is made on disk."""

    def outline(self, source: str) -> tuple[tuple[str, ...], int]:
        """The columns, and how many rows there are; VertikitError where nothing can be read. None of them is bad."""
        ...

    def rows(self, source: str, start: int, stop: int, size: int) -> Iterator[pa.RecordBatch]:
        """The rows from position `start` (0 is the first) to before `stop`, in order, in batches of at most `size`:
        columns of any type, and `_row`."""
        ...


@dataclass(frozen=True)
class Recorded:
    """A recording as it was read: `values` [T] or [T, C] (or [R, T] and [R, T, C] of R records), C channels;
    `rate` of readings a second, where the file says."""

    values: NDArray[Any]
    rate: float | None = None


class RecordingReader(Protocol):
    """A kind of file that holds a recording."""

    def reads(self, name: str) -> bool:
        """Whether it takes a file of this name."""
        ...

    def read(self, file: BinaryIO) -> Recorded:
        """The whole recording; any error where the file holds none. Nothing in it may be run."""
        ...


@dataclass(frozen=True)
class Outline:
    """What the head of a file of pictures says, before any pixel is decoded.

    Args:
        frames: how many pictures it holds (slices of a volume, pages, pictures of an array).
        height, width: of one, in pixels.
        kind: of file, in a word, "png" or "dicom": it stands beside the pixels, as size does.
    """

    frames: int
    height: int
    width: int
    kind: str


class PictureReader(Protocol):
    """A kind of file that holds pictures. Nothing else in a file (names, dates, comments) may leave the reader, in
    errors neither."""

    def reads(self, name: str, head: bytes) -> bool:
        """Whether it takes a file of this name that begins with these (up to 512) bytes."""
        ...

    def outline(self, file: BinaryIO) -> Outline:
        """What the file holds; ValueError in words ("is cut off after 3,000 bytes") where that cannot be told.

        ModuleNotFoundError where a package is missing that the file needs. Quick, and of little memory whatever
        the head claims.
        """
        ...

    def read(self, file: BinaryIO, frames: range, side: int | None) -> NDArray[np.uint8]:
        """The pictures [F, H, W, C] at those places, upright, white high; C is 1 (grey) or 3 (red, green, blue).

        Where the file can be decoded at a fraction of its size for less work, it may be, as long as the shorter side
        stays at least `side`. Values of more than 8 bits are brought to 8 by what the file says of its range, else by
        the darkest and the brightest value of all frames. ValueError as above.
        """
        ...


class Split(Protocol):
    """Examples -> folds, leak-free by the trade's rule. No example is lost or in two parts."""

    def fits(self, examples: Examples) -> bool:
        """Whether this data has what the split needs (groups, official parts)."""
        ...

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        """Folds of positions; `classes` [N] is the target to stratify by, `test` and `valid` are shares.

        UsageError with the reason where the split does not fit this data.
        """
        ...
