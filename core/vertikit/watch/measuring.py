"""All that is measured of examples: column by column, and of what the encoder sees in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from vertikit.columns import Text
from vertikit.watch.pictured import of_pictures
from vertikit.watch.tabled import of_table
from vertikit.watch.texts import of_texts
from vertikit.watch.windowed import of_windows, stretches

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices
    from vertikit.task import Task
    from vertikit.watch.content import Directions
    from vertikit.watch.measured import Measured

READ = 2_000
"""Texts, pictures or windows that are read, drawn at random."""


@dataclass
class Yardstick:
    """What measurements are made with, learnt of training rows.

    Args:
        words: column -> hashes of the words that its texts share. directions: binding -> those of its features.
    """

    words: dict[str, NDArray[np.uint32]] = field(default_factory=dict)
    directions: dict[str, Directions] = field(default_factory=dict)


def drawn(count: int, most: int, seed: int = 0) -> Indices:
    """Positions of at most so many of `count`, at random and in order."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])


def text_columns(task: Task, examples: Examples) -> list[Column]:
    """The texts that the examples have."""
    held = examples.table.column_names
    return [column for column in task.inputs if isinstance(column, Text) and column.name in held]


def texts_of(examples: Examples, column: Column, rows: Indices) -> list[str]:
    """The texts [n] at those positions; a missing one is empty."""
    return list(examples.lazy(column.name, missing="").take(rows))


def of_inputs(task: Task, examples: Examples, rows: Indices, stick: Yardstick) -> Iterator[Measured]:
    """Of the table's columns in all examples; of texts, pictures and windows in those at `rows`."""
    yield from of_table(task, examples, np.arange(len(examples)))
    for column in text_columns(task, examples):
        yield from of_texts(column, texts_of(examples, column, rows), rows, stick.words.get(column.name))
    for name, pictures in examples.pictures.items():
        if any(column.name == name for column in task.inputs):
            yield from of_pictures(name, pictures.take(rows), rows)
    if examples.windows is not None:
        yield from of_windows(examples.windows.take(rows), rows)


def groupings(examples: Examples) -> list[NDArray[np.object_]]:
    """[N] each: which examples are not independent of each other."""
    found = [] if examples.group is None else [examples.group]
    if examples.windows is not None:
        found.append(stretches(examples.windows))
    return found
