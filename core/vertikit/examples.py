"""Examples, the unit that is split, batched, predicted and scored, and the folds they are split into."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from datasets import Dataset
    from numpy.typing import NDArray

    from vertikit.cells import Cells
    from vertikit.pictures import Pictures
    from vertikit.windows import Windows

    Indices = NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """A table with a line per example, and what a split needs to know of each.

    Args:
        table: memory-mapped; columns bear the task's names and hold parsed values (None where missing).
        rows: [N] int64, the number in its file of the row that an example was made from (1 is the
            first row of data); examples of several files keep each file's own numbers.
        source: [N] the name of the file that it came from.
        part: [N] "" for rows of `--data`, "valid" for `--valid`, else the name of a `--test`.
        group: [N] what a split must not divide (a patient), or None where the data has no groups;
            an example whose group is missing is a group of its own.
        span: [N, 2] the time span that an example has seen, its target included, or None; of a forecast, the span that
            is foretold.
        windows: the readings that examples hold, where these are windows of rows or recordings.
        pictures: column -> the pictures [N] that examples hold of it, where rows name any.
        together: [N] what a resample draws as one, where that is other than `group`: forecasts of one stretch of time.
    """

    table: Dataset
    rows: Indices
    source: NDArray[np.object_]
    part: NDArray[np.object_]
    group: NDArray[np.object_] | None = None
    span: NDArray[np.float64] | None = None
    windows: Windows | None = None
    pictures: Mapping[str, Pictures] = field(default_factory=dict)
    together: NDArray[np.object_] | None = None

    @property
    def drawn(self) -> NDArray[np.object_] | None:
        """[N] what a resample draws as one; None where it draws examples one by one."""
        return self.group if self.together is None else self.together

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Of the table, and of the sensors whose windows the examples hold."""
        return (*self.table.column_names, *(() if self.windows is None else self.windows.names))

    def column(self, name: str) -> list[str | None]:
        """All values of a column, in order; it is read from disk."""
        values: list[str | None] = self.chunks(name).to_pylist()
        return values

    def lazy(self, name: str, *, missing: Any = None) -> Cells:
        """All values of a column as a sequence that reads them from disk as they are asked for."""
        from vertikit.cells import Cells

        chosen = self.table._indices
        positions = None if chosen is None else chosen.column(0).to_numpy().astype("int64")
        return Cells(self.table.data.column(name), positions, missing=missing)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """All values [N] of a column of numbers, NaN where missing."""
        import numpy as np

        return np.asarray(self.chunks(name).to_numpy().astype(np.float64, copy=False))

    def values(self, name: str) -> NDArray[np.object_]:
        """All values [N] of a column, None where missing; equal ones are one object, so that they take little room."""
        import numpy as np

        codes, known = self.coded(name)
        return np.append(np.array(known, object), [None])[codes]

    def coded(self, name: str) -> tuple[Indices, list[str]]:
        """(a code [N] for each value of a column, -1 where missing; the values by their codes)."""
        codes, known = self._dictionary(name)
        return codes, known.to_pylist()

    def codes(self, name: str) -> Indices:
        """[N] equal numbers for equal values of a column, -1 where missing."""
        return self._dictionary(name)[0]

    def _dictionary(self, name: str) -> tuple[Indices, pa.Array]:
        import numpy as np

        cells = self.chunks(name).combine_chunks().dictionary_encode()
        codes = cells.indices.fill_null(-1).to_numpy(zero_copy_only=False)
        return np.asarray(codes, np.int64), cells.dictionary

    def chunks(self, name: str) -> pa.ChunkedArray:
        """A column as Arrow has it: through the table's own door, chosen rows are fetched one by one."""
        whole = self.table.data.column(name)
        chosen = self.table._indices
        return whole if chosen is None else whole.take(chosen.column(0))

    def take(self, indices: Indices) -> Examples:
        """The examples at those positions, in that order."""
        import numpy as np

        if len(indices) == len(self) and np.array_equal(indices, np.arange(len(self))):
            return self
        return replace(
            self,
            table=self.table.select(indices),
            rows=self.rows[indices],
            source=self.source[indices],
            part=self.part[indices],
            group=None if self.group is None else self.group[indices],
            span=None if self.span is None else self.span[indices],
            windows=None if self.windows is None else self.windows.take(indices),
            pictures={name: each.take(indices) for name, each in self.pictures.items()},
            together=None if self.together is None else self.together[indices],
        )


def in_memory(table: pa.Table) -> Dataset:
    """A table in memory as examples have it. It is not hashed, as a `Dataset` otherwise is: nothing is cached by it."""
    from datasets import Dataset

    return Dataset(table, fingerprint="in-memory")


@dataclass(frozen=True)
class Fold:
    """Positions into Examples, disjoint but for `calibrate`, which is `valid` unless it has its own.

    Args:
        train, valid, calibrate: [n] int64.
        tests: the test parts by name; the plain one is called "test".
        outside: why some examples stand in no part -> which: their labels come too late, say.
        refit: too few labelled rows for a validation part: epochs are fixed, calibration and
            thresholds come out of fold, and the model is trained on train and valid together.
    """

    train: Indices
    valid: Indices
    calibrate: Indices
    tests: Mapping[str, Indices] = field(default_factory=dict)
    outside: Mapping[str, Indices] = field(default_factory=dict)
    refit: bool = False

    def each(self, change: Callable[[Indices], Indices]) -> Fold:
        """The fold with `change` applied to the positions of each part."""
        return replace(
            self,
            train=change(self.train),
            valid=change(self.valid),
            calibrate=change(self.calibrate),
            tests={name: change(test) for name, test in self.tests.items()},
            outside={why: change(part) for why, part in self.outside.items()},
        )
