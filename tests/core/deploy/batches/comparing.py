"""Parts beside what `predict` wrote at once."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def parts_of(output: Path) -> pd.DataFrame:
    """All parts of a finished folder, one below the other."""
    assert not (output / "unfinished").exists()
    return pd.concat(
        [pd.read_parquet(each) for each in sorted(output.glob("part-*.parquet"))], ignore_index=True
    )


def same(found: pd.DataFrame, expected: pd.DataFrame, tolerance: float = 1e-5) -> None:
    """The same lines in the same order; an empty column has no type of its own in a file of one piece."""
    for table in (found, expected):
        table["error"] = table["error"].astype("str")
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, rtol=0, atol=tolerance)
