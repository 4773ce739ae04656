"""Texts that occur more than once, case and white space aside."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from vertikit.columns import Column, Text
from vertikit.picture_columns import Image
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices


MEASURED = frozenset({"table", "series"})


def compared_columns(task: Task) -> tuple[Column, ...]:
    """The inputs by which rows are told to be copies: texts and pictures, or where there are none all that are not
    measured."""
    telling = tuple(column for column in task.inputs if isinstance(column, (Text, Image)))
    return telling or tuple(column for column in task.inputs if column.modality not in MEASURED)


def texts(examples: Examples, columns: Sequence[Column]) -> Iterator[tuple[str, ...]]:
    """The values of those columns by example, read batch by batch; missing ones are empty. Of a picture, the digest."""
    if any(column.name in examples.pictures for column in columns):
        named = [column.name for column in columns if column.name in examples.column_names]
        yield from zip(*(_values(examples, name) for name in named), strict=True)
        return
    names = [column.name for column in columns if column.name in examples.table.column_names]
    for batch in examples.table.select_columns(names).iter(batch_size=10_000):
        yield from zip(*([str(value or "") for value in batch[name]] for name in names), strict=True)


def _values(examples: Examples, name: str) -> list[str]:
    pictures = examples.pictures.get(name)
    if pictures is None:
        return [str(value or "") for value in examples.column(name)]
    keys = pictures.keys().tolist()
    return [key.hex() if known else "" for key, known in zip(keys, pictures.known.tolist(), strict=True)]


def text_codes(task: Task, examples: Examples) -> Indices:
    """[N] equal numbers for equal texts: case folded, runs of white space as one space.

    Rows of a table without texts are all different, and so are windows of readings: two customers may well have
    equal figures.
    """
    import numpy as np

    if not compared_columns(task):
        return np.arange(len(examples), dtype=np.int64)
    digests = bytearray()
    for folded in folded_texts(task, examples):
        digests += blake2b(folded.encode(), digest_size=16).digest()
    distinct = np.unique(np.frombuffer(bytes(digests), dtype="S16"), return_inverse=True)
    return distinct[1].astype(np.int64)


def folded_texts(task: Task, examples: Examples) -> Iterator[str]:
    """The texts of each example as one, in the form in which equal ones are told."""
    for values in texts(examples, compared_columns(task)):
        yield "\x1f".join(" ".join(value.casefold().split()) for value in values)


def conflicting(codes: Indices, classes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """[N] whether an example's text occurs with different classes."""
    import numpy as np
    import pandas as pd

    if all_different(codes):
        return np.zeros(len(codes), bool)
    labels, names = pd.factorize(classes)
    pairs = np.unique((codes * len(names) + labels)[labels >= 0])
    count = np.bincount(pairs // max(1, len(names)), minlength=int(codes.max(initial=-1)) + 1)
    return np.asarray(count[codes] > 1, bool)


def all_different(codes: Indices) -> bool:
    """Whether codes rise from row to row, as those of a table without texts do: then no two are equal."""
    return bool((codes[1:] > codes[:-1]).all())


def first_of_each(codes: Indices) -> Indices:
    """[N] the position of the first example with the same text."""
    import numpy as np

    if all_different(codes):
        return np.arange(len(codes), dtype=np.int64)
    _, first, inverse = np.unique(codes, return_index=True, return_inverse=True)
    return first[inverse].astype(np.int64)
