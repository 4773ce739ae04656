"""Rows of a file, and their cells as values."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

MISSING = {"", "nan", "na", "n/a", "#n/a", "null", "<na>"}
LARGEST = 1e15


def read(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a .csv, .tsv, .jsonl or .json (one row, or a list) file; ValueError where it is none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        if path.suffix == ".jsonl":
            found: Iterator[Any] = (json.loads(line) for line in file if line.strip())
        elif path.suffix == ".json":
            content = json.load(file)
            found = iter(content if isinstance(content, list) else [content])
        else:
            found = csv.DictReader(file, delimiter="\t" if path.suffix == ".tsv" else ",")
        for number, row in enumerate(found, 1):
            if not isinstance(row, dict):
                raise ValueError(f"row {number} is no object with a value for each column")
            yield row


def values(
    inputs: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any], list[str | None]]:
    """(column -> values [N], why each row cannot be used or None). A column that no row has is left out."""
    faults: list[list[str]] = [[] for _ in rows]
    found: dict[str, Any] = {}
    for each in inputs:
        name, names = each["name"], each["names"]
        if not each["required"] and not any(own in row for row in rows for own in names):
            continue
        column = []
        for row, wrong in zip(rows, faults, strict=True):
            cell = next((row[own] for own in names if own in row), None)
            try:
                column.append(_parsed(each, cell))
                if each["required"] and not each.get("empty") and column[-1] is None:
                    wrong.append(f"{name} is missing")
            except ValueError as error:
                column.append(None)
                if each["required"]:
                    wrong.append(f"{name} {error}")
        if each["type"] in ("number", "timestamp"):
            found[name] = np.array([np.nan if value is None else value for value in column], np.float64)
        elif each["type"] == "series":
            found[name] = [[math.nan] if value is None else value for value in column]
        else:
            found[name] = column
    return found, ["; ".join(wrong) or None for wrong in faults]


def _parsed(column: Mapping[str, Any], cell: Any) -> Any:
    """The value of a cell, None where it holds nothing; ValueError with the reason where it cannot be used."""
    kind = column["type"]
    if kind == "series":
        return _readings(cell)
    if cell is None or (isinstance(cell, float) and math.isnan(cell)):
        return None
    text = str(cell)
    if text.strip().casefold() in MISSING and not column.get("empty"):
        return None
    if kind == "number":
        return _number(text, column)
    if kind == "timestamp":
        return _seconds(text)
    if "\x00" in text:
        raise ValueError("holds a NUL byte: the file is damaged or not text")
    if kind == "text":
        most = column.get("longest", 1_000_000)
        if len(text) > most:
            raise ValueError(f"is longer than {most:,} characters")
        return text.strip()
    return " ".join(text.split())


def _number(text: str, column: Mapping[str, Any]) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError("is no number") from None
    if not math.isfinite(value):
        raise ValueError("is not a finite number")
    low, high = column.get("minimum", -LARGEST), column.get("maximum", LARGEST)
    if not low <= value <= high:
        raise ValueError(f"lies outside {low:g} to {high:g}")
    return value


def _seconds(text: str) -> float:
    try:
        value = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError("is no date or time of the form 2025-03-01 or 2025-03-01T12:30:00") from None
    return (value.replace(tzinfo=UTC) if value.tzinfo is None else value).timestamp()


def _readings(cell: Any) -> list[float]:
    """A list of numbers, or JSON of one; null is a gap."""
    try:
        found = json.loads(cell) if isinstance(cell, str) else cell
        readings = [math.nan if value is None else float(value) for value in found]
    except (TypeError, ValueError):
        raise ValueError("is no list of numbers") from None
    if not readings:
        raise ValueError("is an empty list")
    return readings
