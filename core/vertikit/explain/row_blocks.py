"""One row on the page: its text with marked words, its cells as bars, its readings or its picture under what spoke."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from markupsafe import Markup

from vertikit.explain.drawings import LEAST, readings_drawn
from vertikit.explain.parts.patches import Patches
from vertikit.explain.parts.readings import Readings
from vertikit.explain.parts.words import Words as Texts
from vertikit.run.pictures import as_png, beside, overlay
from vertikit.run.report.page import (
    Block,
    Cell,
    Gallery,
    Passage,
    Picture,
    Piece,
    Table,
    Words,
    heading,
    picture,
)
from vertikit.run.report.wording import number, share, shorten

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.explain.attribution import Reasons
    from vertikit.explain.parts import Part

BARS = 8
"""Parts that are listed of a row."""


def row_blocks(found: Reasons, at: int, show_values: bool) -> list[Block]:
    """The blocks of the row at that place of the page."""
    title = f"Row {found.row}: "
    title += f"{found.said}, {share(found.answer)}" if found.said else number(found.answer)
    if not found.parts:
        return [Words(f"{title}. The model reads nothing in it that could be taken away.", "soft")]
    top = float(np.abs(found.weights).max()) or 1.0
    blocks: list[Block] = []
    listed: list[tuple[Part, float]] = []
    start = 0
    for kind in found.division.kinds:
        own = found.weights[start : start + len(kind.parts)]
        start += len(kind.parts)
        if any(part.private for part in kind.parts) and not show_values:
            listed += zip(kind.parts, own.tolist(), strict=True)
        elif isinstance(kind, Texts):
            blocks += [
                _passage(title, name, text, kind.parts, own / top)
                for name, text in kind.texts.items()
                if text
            ]
        elif isinstance(kind, Readings):
            drawn = readings_drawn(f"row-{at}", kind, own / top)
            if drawn is not None:
                said = f"{title}. Shaded: what spoke for the answer; hatched: against it."
                blocks.append(picture(drawn, said))
        elif isinstance(kind, Patches):
            blocks.append(_seen(title, kind, own / top))
        else:
            listed += zip(kind.parts, own.tolist(), strict=True)
    if listed:
        blocks.append(_bars(title, listed, top, show_values))
    return blocks


def _passage(
    title: str, column: str, text: str, parts: Sequence[Part], shares: NDArray[np.float64]
) -> Passage:
    pieces: list[Piece] = []
    end = 0
    for part, own in zip(parts, shares.tolist(), strict=True):
        if part.column != column:
            continue
        if part.start > end:
            pieces.append(Piece(text[end : part.start]))
        pieces.append(Piece(text[part.start : part.stop], own if abs(own) >= LEAST else 0.0))
        end = part.stop
    pieces.append(Piece(text[end:]))
    return Passage(f"{title} ({column})", tuple(pieces))


def _bars(title: str, listed: Sequence[tuple[Part, float]], top: float, show_values: bool) -> Table:
    order = sorted(range(len(listed)), key=lambda at: -abs(listed[at][1]))[:BARS]
    shown = any(part.value and (show_values or not part.private) for part, _ in listed)
    lines = []
    for at in order:
        part, weight = listed[at]
        value = "" if part.private and not show_values else shorten(part.value, 60)
        line = [Cell(part.name, name=True), *([Cell(value, name=True)] if shown else [])]
        line.append(Cell(f"{weight:+.2g}".replace("-", "−"), numeric=True))
        lines.append((*line, Cell(width=abs(weight) / top)))
    values = [heading("Value")] if shown else []
    head = (heading(title), *values, heading("Falls by", numeric=True), heading(""))
    left = len(listed) - len(order)
    return Table(head, tuple(lines), f"{left:,} more parts have less to say." if left else "")


def _seen(title: str, kind: Patches, shares: NDArray[np.float64]) -> Gallery:
    heat = shares.clip(min=0).reshape(kind.grid).astype(np.float32)
    png = as_png(beside(overlay(kind.picture, None), overlay(kind.picture, heat)))
    data = b64encode(png).decode("ascii")
    image = Markup('<img loading="lazy" alt="{}" src="data:image/png;base64,{}">').format(title, data)
    return Gallery("", (Picture(image, f"{title}. Right: warm where a patch spoke for the answer."),))
