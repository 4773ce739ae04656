"""What the tests of the loaders share."""

from __future__ import annotations

import pyarrow as pa

from vertikit.contracts import Loaded


def rows_of(loaded: Loaded) -> list[dict[str, object]]:
    """All rows of a row file, with `_row`."""
    with pa.memory_map(str(loaded.path)) as source, pa.ipc.open_stream(source) as reader:
        return reader.read_all().to_pylist()
