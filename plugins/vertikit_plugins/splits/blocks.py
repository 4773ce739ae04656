"""Contiguous blocks of rows, for data that has an order and neither groups nor times."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.holding_out import train_valid_test

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BLOCKS = 24
"""Enough for every class to be dealt out in proportion, few enough for the edges of blocks to be few."""


class Blocks:
    """One fold of whole blocks of neighbouring rows: what is read one after another is alike, and a random split would
    put half of it on each side."""

    name = "blocks"

    def __init__(self, *, fold: str | None = None) -> None:
        """`fold` "2/5" takes the second of five parts as the test, each of which is one once."""
        self._fold = fold

    def fits(self, examples: Examples) -> bool:
        return len(examples) >= BLOCKS and not examples.part.any()

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        import numpy as np
        import pandas as pd

        if examples.part.any():
            raise UsageError(
                f"the split {self.name!r} would mix the parts given by --valid and --test into training.",
                "Use --set split=official, or give all rows with --data.",
            )
        if len(examples) < BLOCKS:
            raise UsageError(
                f"the split {self.name!r} needs {BLOCKS} rows or more, and this data has {len(examples)}.",
                "Give more rows.",
            )
        files = pd.factorize(np.asarray(examples.source, object))[0]
        rank = np.empty(len(examples), np.int64)
        rank[np.lexsort((examples.rows, files))] = np.arange(len(examples))
        block = rank * BLOCKS // len(examples)
        named = replace(examples, group=np.array([f"block {each}" for each in block], object))
        return [train_valid_test(named, classes, test=test, valid=valid, seed=seed, fold=self._fold)]
