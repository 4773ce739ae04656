"""Examples bound to the model: each input column as items that its backbone takes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertikit.adapt.assembling import BESIDE, Assembled
from vertikit.adapt.encoding import FeatureMatrix, Lengths, encode_once, lengths_of
from vertikit.adapt.series_values import series_values
from vertikit.adapt.table_values import table_values
from vertikit.cells import Tuples
from vertikit.columns import Column
from vertikit.contracts import Items
from vertikit.errors import VertikitError
from vertikit.progress import Progress
from vertikit.recipe import Recipe
from vertikit.series_columns import Series
from vertikit.table_columns import Number

if TYPE_CHECKING:
    from vertikit.examples import Examples


@dataclass
class Bound:
    """Examples bound to the model: items by binding, and what became of long values."""

    inputs: Mapping[str, Items]
    lengths: Mapping[str, Lengths]
    seconds: float


def bind(parts: Assembled, examples: Examples, recipe: Recipe, progress: Progress) -> Bound:
    """Items of every binding for all examples: features where the encoder is frozen, else tokens."""
    start = time.monotonic()
    inputs: dict[str, Items] = {}
    lengths: dict[str, Lengths] = {}
    for name, owner in parts.bindings.items():
        backbone = parts.backbones[owner]
        values = bound_values(parts, examples, name)
        if parts.features_once:
            inputs[name], lengths[name] = encode_once(
                backbone, values, cache=recipe.cache, device=parts.device, progress=progress
            )
        else:
            inputs[name] = backbone.items(values)
            lengths[name] = lengths_of(inputs[name])
    return Bound(with_beside(parts, inputs, examples), lengths, time.monotonic() - start)


def with_beside(parts: Assembled, inputs: Mapping[str, Items], examples: Examples) -> Mapping[str, Items]:
    """The inputs and, where the model reads them, numbers beside."""
    if parts.beside is None:
        return inputs
    columns = tuple(Number(name) for name in parts.beside.columns)
    values = table_values(columns, examples)
    if lacking := set(parts.beside.columns) - values.keys():
        raise VertikitError(
            f"the model reads {min(lacking)}, and these rows have no such column.",
            f"Name it: --map {min(lacking)}=COLUMN",
        )
    return {**inputs, BESIDE: FeatureMatrix(parts.beside.features(values))}


def columns_values(columns: Sequence[Column], examples: Examples) -> Any:
    """The values of columns that a backbone reads as one: windows of sensors, or a table's columns by name."""
    if all(isinstance(column, Series) for column in columns):
        return series_values(columns, examples)
    return table_values(columns, examples)


def bound_values(parts: Assembled, examples: Examples, name: str) -> Any:
    """The values of an input column; what is missing there is an empty text. Of a table, all columns by name; of
    texts that are read as one, tuples; of pictures, these.

    VertikitError where the rows lack a column that the model reads.
    """
    if name in parts.tables:
        return columns_values(parts.tables[name], examples)
    if name in examples.pictures:
        return examples.pictures[name]
    texts = []
    for column in (each.name for each in parts.joint[name]) if name in parts.joint else (name,):
        if column not in examples.table.column_names:
            raise VertikitError(
                f"the model reads {column}, and these rows have no such column.",
                f"Name it: --map {column}=COLUMN",
            )
        texts.append(examples.lazy(column, missing=""))
    return Tuples(texts) if name in parts.joint else texts[0]
