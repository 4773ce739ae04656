"""What tells one data set from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.examples import Examples


def fingerprint(examples: Examples) -> str:
    """sha256 over the parsed columns and the parts of all examples, in order; file names do not count."""
    columns = sorted(examples.table.column_names)
    digests = {name: hashlib.sha256(name.encode()) for name in columns}
    for batch in examples.table.with_format("arrow").iter(batch_size=10_000):
        for name in columns:
            for piece in _bytes(batch.column(name).combine_chunks()):
                digests[name].update(piece)
    parts = hashlib.sha256("\n".join(examples.part).encode())
    return hashlib.sha256(
        b"".join(
            each.digest() for each in (*digests.values(), parts, *_readings(examples), *_pictures(examples))
        )
    ).hexdigest()


def _readings(examples: Examples) -> Iterator[hashlib._Hash]:
    """Of windows: the readings, and which of them each example has."""
    import numpy as np

    windows = examples.windows
    if windows is None:
        return
    found = hashlib.sha256("\n".join(windows.names).encode())
    for start in range(0, len(windows.readings), 100_000):
        found.update(np.ascontiguousarray(windows.readings[start : start + 100_000]).tobytes())
    found.update(np.concatenate([windows.start, windows.stop]).tobytes())
    yield found


def _pictures(examples: Examples) -> Iterator[hashlib._Hash]:
    """Of pictures: what each shows, by column."""
    for name in sorted(examples.pictures):
        pictures = examples.pictures[name]
        found = hashlib.sha256(name.encode())
        for known, key in zip(pictures.known.tolist(), pictures.keys().tolist(), strict=True):
            found.update(key if known else b"")
        yield found


def _bytes(cells: pa.Array) -> Iterator[bytes | memoryview]:
    """What a column holds: which cells are missing, and numbers as they are, or the lengths of texts and the texts."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    yield np.packbits(cells.is_valid().to_numpy(zero_copy_only=False)).tobytes()
    if pa.types.is_integer(cells.type) or pa.types.is_floating(cells.type):
        yield cells.fill_null(0).to_numpy(zero_copy_only=False).tobytes()
        return
    texts = cells.cast(pa.large_string()).fill_null("")
    yield pc.binary_length(texts).to_numpy(zero_copy_only=False).tobytes()
    _, ends, data = texts.buffers()
    if len(texts) and data is not None:
        ends = np.frombuffer(ends, np.int64)[texts.offset : texts.offset + len(texts) + 1]
        yield memoryview(data)[ends[0] : ends[-1]]
