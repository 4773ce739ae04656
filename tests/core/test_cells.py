"""A column as a sequence that is read as it is asked for, and arrays that may be files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from vertikit import scratch
from vertikit.cells import Cells, Tuples

VALUES = [None if at % 7 == 0 else f"note {at}" for at in range(50)]
EXPECTED = ["" if value is None else value for value in VALUES]


@pytest.fixture
def cells() -> Cells:
    """Fifty values in chunks of several sizes, an empty one among them."""
    chunks = [VALUES[:20], [], VALUES[20:23], VALUES[23:]]
    return Cells(pa.chunked_array([pa.array(each, pa.string()) for each in chunks]), missing="")


def test_cells_are_the_values_of_the_column_in_order(cells: Cells) -> None:
    assert len(cells) == 50 and list(cells) == EXPECTED
    assert cells[3] == "note 3" and cells[-1] == EXPECTED[-1] and cells[0] == ""
    assert cells[18:25] == EXPECTED[18:25] and cells[::-9] == EXPECTED[::-9] and cells[40:90] == EXPECTED[40:]
    with pytest.raises(IndexError):
        cells[50]


def test_cells_that_are_taken_have_their_own_order(cells: Cells) -> None:
    positions = np.random.default_rng(0).integers(0, 50, 200)
    taken = cells.take(positions)
    assert list(taken) == [EXPECTED[at] for at in positions]
    again = taken.take(np.array([199, 0, 0]))
    assert again[:] == [EXPECTED[positions[at]] for at in (199, 0, 0)]
    assert list(cells.take(np.empty(0, np.int64))) == []


@pytest.mark.parametrize("limit", [0, 2**20], ids=["in a file", "in memory"])
def test_scratch_arrays_are_the_same_in_memory_and_in_a_file(
    limit: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(scratch, "IN_MEMORY", limit)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    table = scratch.zeros((30, 4), np.float32)
    table[7] = 1.5
    assert isinstance(table, np.memmap) == (limit == 0) and table.sum() == 6

    tokens = scratch.Growing(np.int32)
    for start in range(0, 100, 33):
        tokens.add(np.arange(start, min(start + 33, 100)))
    whole = tokens.whole()
    assert isinstance(whole, np.memmap) == (limit == 0) and whole.tolist() == list(range(100))
    assert scratch.Growing(np.int32).whole().tolist() == []
    assert not list(tmp_path.iterdir()), "a file has a name"


def test_columns_side_by_side_are_tuples(cells: Cells) -> None:
    pairs = Tuples([cells, cells.take(np.arange(50)[::-1])])
    expected = list(zip(EXPECTED, EXPECTED[::-1], strict=True))
    assert len(pairs) == 50 and list(pairs) == expected and pairs[3] == expected[3]
    assert pairs[10:30] == expected[10:30]
    assert list(pairs.take(np.array([7, 0]))) == [expected[7], expected[0]]
