"""Vertikit adapts foundation models to the trades."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vertikit.columns import Column, Grade, Group, Id, Label, Reference, Sensitive, Text, Value
from vertikit.errors import UsageError, VertikitError
from vertikit.hookspecs import hookimpl
from vertikit.picture_columns import Image, Mask
from vertikit.protocol import Bar, OnNumbers, Probe, Protocol
from vertikit.series_columns import Future, Recording, Series
from vertikit.soundness import Soundness
from vertikit.table_columns import Category, Flag, Number, Time, Timestamp
from vertikit.task import Card, Task

if TYPE_CHECKING:
    from vertikit.run.run import Run as Run
    from vertikit.run.run import load as load
    from vertikit.training import train as train

__version__ = "0.1.0"

_LAZY = {"train": "vertikit.training", "load": "vertikit.run.run", "Run": "vertikit.run.run"}


def __getattr__(name: str) -> Any:
    """The verbs bring torch with them, so they are imported when asked for."""
    if name in _LAZY:
        import importlib

        return getattr(importlib.import_module(_LAZY[name]), name)
    raise AttributeError(f"module 'vertikit' has no attribute {name!r}")


__all__ = [
    "Bar",
    "Card",
    "Category",
    "Column",
    "Flag",
    "Future",
    "Grade",
    "Group",
    "Id",
    "Image",
    "Label",
    "Mask",
    "Number",
    "OnNumbers",
    "Probe",
    "Protocol",
    "Recording",
    "Reference",
    "Run",
    "Sensitive",
    "Series",
    "Soundness",
    "Task",
    "Text",
    "Time",
    "Timestamp",
    "UsageError",
    "Value",
    "VertikitError",
    "hookimpl",
    "load",
    "train",
]
