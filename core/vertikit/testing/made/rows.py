"""Rows of texts, of a table, of windows and of pictures, whose targets can be learnt from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column, Group, Id, Text
from vertikit.examples import Examples, in_memory
from vertikit.picture_columns import Image
from vertikit.pictures import Pictures
from vertikit.protocol import Protocol
from vertikit.series_columns import Series
from vertikit.table_columns import MICROSECOND, Category, Flag, Number, Time
from vertikit.task import Card, Task
from vertikit.windows import Windows

if TYPE_CHECKING:
    from vertikit.examples import Indices

TARGET, OTHER = "found", "other"
DAY = 86_400.0
BEGINNING = 1_700_000_000.0
"""Seconds since 1970 of the first row."""
KINDS = ("texts", "table", "windows", "pictures")
WORDS = (
    ("wheel", "brake", "engine", "road", "driver", "tyre"),
    ("river", "bridge", "water", "boat", "fish", "bank"),
    ("letter", "court", "judge", "clause", "party", "law"),
)
FILLER = ("the", "a", "of", "and", "was", "with", "for", "in", "not", "seen")


@dataclass(frozen=True)
class Made:
    """Rows of one kind, in order of time.

    Args:
        task: with their columns, and a target of two classes ("found", "other").
        codes: [N] a class from 0 to 2, which the inputs tell most of the time.
        numbers: [N] a number from 0 to 10, likewise.
    """

    kind: str
    task: Task
    examples: Examples
    codes: NDArray[np.int64]
    numbers: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.examples)

    @property
    def present(self) -> tuple[str, ...]:
        return self.examples.column_names

    @property
    def truth(self) -> NDArray[np.object_]:
        """[N] "found" or "other"."""
        return np.array([TARGET if code == 1 else OTHER for code in self.codes], object)

    def take(self, rows: Indices) -> Made:
        """The rows at those positions, in that order."""
        return replace(
            self, examples=self.examples.take(rows), codes=self.codes[rows], numbers=self.numbers[rows]
        )

    def with_columns(self, **columns: Any) -> Made:
        """The same rows with other values in some columns of the table."""
        import pyarrow as pa

        table = self.examples.table.data.table
        for name, values in columns.items():
            at = table.column_names.index(name)
            table = table.set_column(at, name, pa.array(list(values), table.schema.field(name).type))
        return replace(self, examples=replace(self.examples, table=in_memory(table)))


def made(kind: str, rows: int = 96, seed: int = 0) -> Made:
    """Rows of that kind, of `KINDS`."""
    random = np.random.default_rng(seed)
    codes = random.permutation(np.arange(rows) % 3)
    numbers = np.asarray(np.clip(1.0 + 3.5 * codes + random.normal(0, 1, rows), 0, 10).round(2), np.float64)
    # A tenth is told wrongly: no model may be perfect.
    told = np.where(random.random(rows) < 0.1, random.integers(0, 3, rows), codes)
    time = BEGINNING + np.cumsum(random.uniform(0.2, 1.0, rows)) * DAY / 4
    base: dict[str, Any] = {
        "time": np.round(time * MICROSECOND).astype(np.int64),
        "card": [f"c{each}" for each in random.integers(0, 12, rows)],
        "id": [f"r{at}" for at in range(rows)],
        TARGET: [TARGET if code == 1 else OTHER for code in codes],
    }
    roles = (Time("time"), Group("card", crosses_time=True), Id("id"))
    inputs, further, windows, pictures = _MAKERS[kind](told, numbers, random)
    if windows is not None:
        base["card"] = [f"c{at * 6 // rows}" for at in range(rows)]
        windows = replace(windows, times=np.column_stack([time, time + 1.0]))
    task = Task(
        name=f"made/{kind}",
        summary="Rows that the conformance kit made.",
        columns=(*roles, *inputs, Flag(TARGET, negative=OTHER)),
        protocol=Protocol(splits=(), primary="", metrics=(), baselines=(), why=""),
        card=Card(intended_use="", population="", limits=""),
    )
    examples = Examples(
        in_memory(_table({**base, **further})),
        np.arange(1, rows + 1),
        np.full(rows, "made.csv", object),
        np.full(rows, "", object),
        np.array(base["card"], object),
        np.column_stack([time, time + 1.0]),
        windows,
        pictures,
    )
    return Made(kind, task, examples, codes, numbers)


def _table(columns: Mapping[str, Any]) -> Any:
    import pyarrow as pa

    return pa.table({name: pa.array(values) for name, values in columns.items()})


_Parts = tuple[tuple[Column, ...], dict[str, Any], Windows | None, dict[str, Pictures]]


def _texts(told: NDArray[np.int64], numbers: NDArray[np.float64], random: np.random.Generator) -> _Parts:
    del numbers

    def text(code: int, words: int) -> str:
        own = random.choice(WORDS[code], 3)
        return " ".join(random.permutation([*own, *random.choice(FILLER, words)]))

    columns = {
        "reference": [text(int(code), 4) for code in random.permutation(told)],
        "text": [text(int(code), int(random.integers(3, 14))) for code in told],
    }
    return (Text("reference"), Text("text")), columns, None, {}


def _rows(told: NDArray[np.int64], numbers: NDArray[np.float64], random: np.random.Generator) -> _Parts:
    count = len(told)
    level: list[float | None] = (told * 2.0 + random.normal(0, 0.6, count)).round(3).tolist()
    for at in np.flatnonzero(random.random(count) < 0.1):
        level[at] = None
    columns = {
        "amount": (np.exp(random.normal(3, 1, count)) + 5 * numbers).round(2),
        "level": level,
        "kind": [
            f"k{(code + random.integers(0, 2)) % 3}" if random.random() > 0.1 else None for code in told
        ],
    }
    return (Number("amount"), Number("level"), Category("kind")), columns, None, {}


def _windows(told: NDArray[np.int64], numbers: NDArray[np.float64], random: np.random.Generator) -> _Parts:
    del numbers
    lengths = random.choice([16, 24, 40], len(told))
    stop = np.cumsum(lengths)
    start = stop - lengths
    readings = random.normal(0, 1, (int(stop[-1]), 2)) * [3.0, 0.2] + [50.0, 1.0]
    for at, code in enumerate(told):
        readings[start[at] : stop[at], 0] += 8.0 * code
    readings[random.random(readings.shape) < 0.03] = np.nan
    windows = Windows(readings, ("heat", "speed"), start, stop, stop, rows=np.arange(1, len(readings) + 1))
    return (Series("heat"), Series("speed")), {}, windows, {}


def _pictures(told: NDArray[np.int64], numbers: NDArray[np.float64], random: np.random.Generator) -> _Parts:
    del numbers
    count, side = len(told), 24
    pixels = random.integers(0, 90, (count, 1, side, side, 3)).astype(np.uint8)
    for at, code in enumerate(told):
        pixels[at, :, 3 + 6 * code : 9 + 6 * code, 4:20] += 120
    names = [f"p{at}.png" for at in range(count)]
    return (Image("image"),), {"image": names}, None, {"image": pictures_of(list(pixels))}


def pictures_of(found: list[NDArray[np.uint8]]) -> Pictures:
    """Pictures [F, H, W, C], one an example."""
    count = len(found)
    sizes = [each.size for each in found]
    numbered = np.array([f"{at:016d}".encode() for at in range(count)])
    return Pictures(
        np.concatenate([each.ravel() for each in found]),
        np.cumsum([0, *sizes[:-1]]),
        np.array([each.shape for each in found], np.int64),
        np.array([each.shape[1:3] for each in found], np.int64),
        np.full(count, "png", object),
        np.zeros(count, np.int64),
        numbered.view("V16"),
        np.random.default_rng(1).integers(0, 2**63, (count, 4)).astype(np.uint64),
        np.arange(count),
    )


_MAKERS = {"texts": _texts, "table": _rows, "windows": _windows, "pictures": _pictures}
