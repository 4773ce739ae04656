"""From the cells of a column to pictures: each file is opened once, several at a time, and none is lost silently."""

from __future__ import annotations

import itertools
import os
import re
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import PictureReader
from vertikit.pictures import Pictures
from vertikit.prepare.pictures.fingerprints import digest, perceptual_hashes, small
from vertikit.prepare.pictures.shrinking import at_most, without_colour
from vertikit.prepare.roots import Root
from vertikit.recipe.model import PictureChoice
from vertikit.registry import Registry

if TYPE_CHECKING:
    from vertikit.examples import Indices

MOST_PIXELS = 100_000_000
"""Of one picture, or of all frames that are read of one file together."""
LEAST_SIDE = 8
HEAD = 512
"""Bytes by which a kind of file is told."""
AT_ONCE = 64
"""Pictures of one file that are decoded together."""
HASHED_AT_ONCE = 256
TIMED = 16
"""Files by which it is decided whether threads are worth their while."""
WORTH_A_THREAD = 0.0015
"""Seconds that a picture takes."""

_CELL = re.compile(r"(?P<name>.+?)(\[(?P<frame>\d+)\])?", re.DOTALL)


@dataclass(frozen=True)
class Decoded:
    """The pictures of a column: `pictures.place` is -1 where `bad` says why there is none."""

    pictures: Pictures
    bad: dict[int, str]


@dataclass(frozen=True)
class _Wanted:
    """Of one file: the positions of the cells that name it, and the frame of each (None: all of them)."""

    root: Root
    name: str
    cells: tuple[tuple[int, int | None], ...]


@dataclass(frozen=True)
class _Frames:
    """One picture as it is kept."""

    cell: int
    pixels: NDArray[np.uint8]
    size: tuple[int, int]
    kind: str
    left_out: int
    digest: bytes
    small: NDArray[np.uint8]


def read_pictures(
    cells: Sequence[str | None],
    root: Callable[[int], Root],
    registry: Registry,
    choice: PictureChoice,
    path: Path,
) -> Decoded:
    """Decode what each of the cells [N] names under the root of its position; the pixels are kept in the file `path`.

    A cell that holds nothing has no picture, and is not bad.
    """
    readers = Readers(registry)
    bad: dict[int, str] = {}
    place = np.full(len(cells), -1, np.int64)
    known: dict[bytes, int] = {}
    kept: list[_Frames] = []
    hashes, smalls = [np.empty((0, 4), np.uint64)], []
    with path.open("wb") as file:
        for at, found in _in_order(_by_file(cells, root), lambda wanted: _read(wanted, readers, choice)):
            if isinstance(found, str):
                bad[at] = found
                continue
            if found.digest not in known:
                known[found.digest] = len(kept)
                found.pixels.tofile(file)
                kept.append(_without_pixels(found))
                smalls.append(found.small)
                if len(smalls) == HASHED_AT_ONCE:
                    hashes.append(perceptual_hashes(np.stack(smalls)))
                    smalls = []
            place[at] = known[found.digest]
    if smalls:
        hashes.append(perceptual_hashes(np.stack(smalls)))
    return Decoded(_store(kept, np.concatenate(hashes), place, path), bad)


def _store(kept: list[_Frames], hashes: NDArray[np.uint64], place: Indices, path: Path) -> Pictures:
    shapes = np.array([each.pixels.shape for each in kept], np.int64).reshape(-1, 4)
    ends = np.cumsum(shapes.prod(axis=1)) if len(kept) else np.empty(0, np.int64)
    return Pictures(
        pixels=np.memmap(path, np.uint8, mode="r") if len(kept) else np.empty(0, np.uint8),
        start=np.concatenate([[0], ends[:-1]]).astype(np.int64) if len(kept) else ends,
        shapes=shapes,
        sizes=np.array([each.size for each in kept], np.int64).reshape(-1, 2),
        kinds=np.array([each.kind for each in kept], object),
        left_out=np.array([each.left_out for each in kept], np.int64),
        digests=np.frombuffer(b"".join(each.digest for each in kept), "V16"),
        hashes=hashes,
        place=place,
    )


def _without_pixels(found: _Frames) -> _Frames:
    """The same with views of nothing in the shape of its pixels: those are in the file."""
    shape = np.broadcast_to(np.uint8(0), found.pixels.shape)
    return replace(found, pixels=shape, small=shape[0, :0, :0, 0])


def _by_file(cells: Sequence[str | None], root: Callable[[int], Root]) -> Iterator[_Wanted]:
    """What is wanted of each file, in the order in which files are first named; many pictures of one in portions."""
    files: dict[tuple[int, str], tuple[Root, list[tuple[int, int | None]]]] = {}
    for at, cell in enumerate(cells):
        if not cell:
            continue
        match = _CELL.fullmatch(cell)
        assert match is not None
        name, frame = match["name"], None if match["frame"] is None else int(match["frame"])
        own = root(at)
        files.setdefault((id(own), name), (own, []))[1].append((at, frame))
    for (_, name), (own, wanted) in files.items():
        yield _Wanted(own, name, tuple(wanted))


def _in_order(
    wanted: Iterator[_Wanted], read: Callable[[_Wanted], Iterator[tuple[int, _Frames | str]]]
) -> Iterator[tuple[int, _Frames | str]]:
    """What `read` gives for each file, in their order: a few are read ahead, by as many threads as there are cores.

    Small pictures are decoded sooner than threads hand them over to each other: where the first ones are, one thread
    reads them all.
    """
    seconds: list[float] = []
    for each in itertools.islice(wanted, TIMED):
        started = time.perf_counter()
        yield from read(each)
        seconds.append((time.perf_counter() - started) / max(1, len(each.cells)))
        if len(seconds) > 1 and seconds[-1] > 10 * WORTH_A_THREAD:
            break  # volumes and films: the first file alone tells nothing, for it loads its reader too
    if seconds and statistics.median(seconds) < WORTH_A_THREAD:
        for each in wanted:
            yield from read(each)
        return
    workers = max(1, min(8, os.cpu_count() or 1))
    ahead: deque[Future[list[tuple[int, _Frames | str]]]] = deque()
    with ThreadPoolExecutor(workers) as pool:
        for each in wanted:
            if len(each.cells) > AT_ONCE:
                while ahead:
                    yield from ahead.popleft().result()
                yield from read(each)  # a stack of thousands: piece by piece, never all of it
                continue
            ahead.append(pool.submit(lambda each: list(read(each)), each))
            if len(ahead) > 2 * workers:
                yield from ahead.popleft().result()
        while ahead:
            yield from ahead.popleft().result()


class Readers:
    """The registered kinds of files, and a word on those whose packages are missing."""

    def __init__(self, registry: Registry) -> None:
        components = registry.components("pictures")
        self._readers: list[PictureReader] = [each.resolve()() for each in components if not each.missing()]
        self._missing = [f"{each.summary}: {each.installing}" for each in components if each.missing()]

    def of(self, name: str, file: BinaryIO) -> PictureReader:
        """The reader of a file; ValueError in words where none takes it."""
        head = file.read(HEAD)
        file.seek(0)
        if not head:
            raise ValueError("is empty (0 bytes)")
        for reader in self._readers:
            if reader.reads(name, head):
                return reader
        more = f" (with further packages: {'; '.join(self._missing)})" if self._missing else ""
        raise ValueError(f"is no picture of a kind that can be read{more}")


def _read(wanted: _Wanted, readers: Readers, choice: PictureChoice) -> Iterator[tuple[int, _Frames | str]]:
    try:
        name, file = wanted.root.open(wanted.name)
    except ValueError as error:
        yield from ((at, str(error)) for at, _ in wanted.cells)
        return
    with file:
        try:
            reader = readers.of(name, file)
            outline = reader.outline(file)
            _check_size(outline.height, outline.width)
        except Exception as error:  # of a library: a damaged file is the row's fault, whatever it says of it
            yield from ((at, _words(error)) for at, _ in wanted.cells)
            return
        for at, frame in wanted.cells:
            try:
                yield at, _picture(reader, file, outline.frames, frame, (outline.height, outline.width),
                                   outline.kind, choice, at)  # fmt: skip
            except Exception as error:
                yield at, _words(error)


def _picture(
    reader: PictureReader,
    file: BinaryIO,
    frames: int,
    frame: int | None,
    size: tuple[int, int],
    kind: str,
    choice: PictureChoice,
    at: int,
) -> _Frames:
    if frame is not None and frame >= frames:
        raise ValueError(f"asks for number {frame}, and the file has {frames} (counted from 0)")
    if frame is not None:
        asked = range(frame, frame + 1)
    else:
        step = -(-frames // choice.frames)
        asked = range(
            (frames - 1) % step // 2, frames, step
        )  # evenly spread, as much left out before as after
    if len(asked) * size[0] * size[1] > MOST_PIXELS:
        raise ValueError(
            f"has {len(asked)} frames of {size[1]:,} × {size[0]:,} pixels, more than {MOST_PIXELS:,} in all"
        )
    file.seek(0)
    found = reader.read(file, asked, choice.side)
    if found.ndim != 4 or found.dtype != np.uint8 or not found.size:
        raise ValueError("gave no pixels")
    pixels = np.ascontiguousarray(without_colour(at_most(found, choice.side)))
    return _Frames(
        at, pixels, size, kind, 0 if frame is not None else frames - len(asked), digest(pixels), small(pixels)
    )  # fmt: skip


def _check_size(height: int, width: int) -> None:
    if height * width > MOST_PIXELS:
        raise ValueError(f"has {width:,} × {height:,} pixels, more than {MOST_PIXELS:,}")
    if min(height, width) < LEAST_SIDE:
        raise ValueError(f"has {width:,} × {height:,} pixels: too few to see anything")


def _words(error: Exception) -> str:
    """What a reader says in words; of any other error the kind alone, since libraries quote what they read."""
    if isinstance(error, ModuleNotFoundError):
        return f"needs a package that is not installed: pip install {error.name}"
    if type(error) is ValueError:
        return str(error)
    return f"cannot be read ({type(error).__name__})"
