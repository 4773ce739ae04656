"""What tells one data set from another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from json.encoder import encode_basestring_ascii
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vertikit.examples import Examples


def fingerprint(examples: Examples) -> str:
    """sha256 over the parsed columns and the parts of all examples, in order; file names do not count."""
    columns = sorted(examples.table.column_names)
    digests = {name: hashlib.sha256(name.encode()) for name in columns}
    for batch in examples.table.iter(batch_size=10_000):
        for name in columns:
            lines = (
                "null" if value is None else encode_basestring_ascii(str(value)) for value in batch[name]
            )
            digests[name].update("".join(f"{line}\n" for line in lines).encode())
    parts = hashlib.sha256("\n".join(examples.part).encode())
    return hashlib.sha256(
        b"".join(each.digest() for each in (*digests.values(), parts, *_readings(examples)))
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
