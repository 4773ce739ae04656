"""How results look on standard output: JSON, tables of text, wrapped paragraphs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from typing import Any

import click

MOST_COLUMNS = 100


def width() -> int:
    """Columns to fill: the terminal's, but no more than can be read."""
    return min(shutil.get_terminal_size((MOST_COLUMNS, 24)).columns, MOST_COLUMNS)


def print_json(value: Any) -> None:
    """One JSON document."""
    click.echo(json.dumps(value, indent=2))


def heading(text: str) -> None:
    """A line that stands out where the terminal can show it."""
    click.echo(click.style(text, bold=True))


def paragraph(text: str, indent: str = "  ") -> None:
    """Text wrapped to the terminal."""
    click.echo(click.wrap_text(text, width(), indent, indent))


def entries(rows: Sequence[tuple[str, str]], indent: str = "  ") -> None:
    """Terms on the left, what they are on the right, wrapped beside them."""
    if not rows:
        return
    left = min(max(len(term) for term, _ in rows), width() // 3)
    for term, text in rows:
        first = f"{indent}{term:<{left}}  "
        rest = " " * (len(indent) + left + 2)
        if len(term) > left:
            click.echo(f"{indent}{term}")
            first = rest
        click.echo(click.wrap_text(text, width(), first, rest) if text else first.rstrip())


def commands(lines: Sequence[str]) -> None:
    """Commands to copy, one a line and never wrapped."""
    for line in lines:
        click.echo(f"  {line}")


def table(header: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "") -> None:
    """Columns as wide as their widest cell."""
    sizes = [max(len(line[at]) for line in [header, *rows]) for at in range(len(header))]
    for number, line in enumerate([header, *rows]):
        cells = "  ".join(f"{cell:<{size}}" for cell, size in zip(line, sizes, strict=True)).rstrip()
        click.echo(indent + (click.style(cells, bold=True) if number == 0 else cells))
