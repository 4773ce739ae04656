"""Features of frozen encoders on disk: each distinct value is encoded once for all epochs, trials and runs.

A folder per encoder and settings holds pairs of `<shard>.keys.npy` (sorted 16-byte content hashes) and
`<shard>.npy` (fp32 rows, memory-mapped when read). Shards are written under another name and renamed, so
readers and writers need no lock. Only hashes of values are kept, and folders are for their owner only.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit.pictures import Pictures

DEFAULT_GIGABYTES = 5.0


def cache_folder() -> Path:
    """VERTIKIT_CACHE, else `vertikit` in XDG_CACHE_HOME, else in ~/.cache."""
    chosen = os.environ.get("VERTIKIT_CACHE")
    if chosen:
        return Path(chosen).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "vertikit"


def cache_size() -> int:
    """Bytes that the cache takes."""
    return sum(path.stat().st_size for path in _features().rglob("*.npy"))


def clear_cache() -> int:
    """Remove all cached features; the bytes that were freed."""
    freed = cache_size()
    shutil.rmtree(_features(), ignore_errors=True)
    return freed


def content_keys(values: Iterable[Any]) -> NDArray[np.void]:
    """[N] 16-byte keys of the values' contents."""
    if isinstance(values, Pictures):
        return values.keys()
    digests = bytearray()
    for value in values:
        digests += hashlib.sha256(str(value).encode("utf-8", "surrogatepass")).digest()[:16]
    return np.frombuffer(bytes(digests), dtype="V16")


class FeatureCache:
    """The cached features of one encoder with its settings.

    Args:
        fingerprint: of the encoder's weights and of every setting that changes features.
        width: D.
    """

    def __init__(self, fingerprint: str, width: int) -> None:
        self._folder = _features() / fingerprint[:32]
        self._width = width

    def get(self, keys: NDArray[Any], into: NDArray[np.float32]) -> NDArray[np.bool_]:
        """Which keys are known [N]; the features of those are written to `into` [N, D]."""
        found = np.zeros(len(keys), dtype=bool)
        wanted = _sortable(keys)
        for key_file in sorted(self._folder.glob("*.keys.npy")):
            known = _read(key_file)
            rows = _read(key_file.with_name(key_file.name.replace(".keys.npy", ".npy")))
            if known is None or rows is None or rows.shape != (len(known), self._width):
                continue
            place = np.searchsorted(known, wanted)
            place[place == len(known)] = 0
            hit = (known[place] == wanted) & ~found
            into[hit] = rows[place[hit]]
            found |= hit
        if found.any():
            os.utime(self._folder)
        return found

    def put(self, keys: NDArray[Any], features: NDArray[np.float32]) -> None:
        """Keep the features [n, D] of keys [n]; beyond the size cap, what was used longest ago is dropped."""
        if not len(keys):
            return
        for folder in (_features().parent, _features(), self._folder):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        sortable = _sortable(keys)
        order = np.argsort(sortable)
        shard = uuid.uuid4().hex
        # Keys last: a shard without keys is not looked at.
        self._write(f"{shard}.npy", features[order].astype(np.float32, copy=False))
        self._write(f"{shard}.keys.npy", sortable[order])
        _evict(keep=self._folder)

    def _write(self, name: str, array: NDArray[Any]) -> None:
        temporary = self._folder / f".{name}.part"
        temporary.touch(mode=0o600)
        with temporary.open("wb") as file:
            np.save(file, array, allow_pickle=False)
        temporary.rename(self._folder / name)


def _features() -> Path:
    return cache_folder() / "features"


def _sortable(keys: NDArray[Any]) -> NDArray[Any]:
    """Keys as pairs of integers: numpy's own byte strings lose trailing NUL bytes."""
    return keys.view(np.dtype([("high", ">u8"), ("low", ">u8")])).astype([("high", "<u8"), ("low", "<u8")])


def _read(path: Path) -> NDArray[Any] | None:
    """A memory-mapped array; None for a file that is damaged or was removed meanwhile."""
    try:
        array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return array


def _evict(keep: Path) -> None:
    cap = float(os.environ.get("VERTIKIT_CACHE_GB") or DEFAULT_GIGABYTES) * 1e9
    folders = sorted(
        (each for each in _features().iterdir() if each.is_dir()), key=lambda each: each.stat().st_mtime
    )
    for folder in folders:
        if cache_size() <= cap:
            return
        if folder != keep:
            shutil.rmtree(folder, ignore_errors=True)
