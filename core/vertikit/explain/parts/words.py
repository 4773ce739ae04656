"""Texts as words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.columns import Column
from vertikit.explain.parts.part import Part

if TYPE_CHECKING:
    from vertikit.examples import Examples

_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{_ALONE}]|[^\s{_ALONE}]+")
"""What stands between spaces; of scripts that have none, each character."""


class Words:
    """The words of one example's texts; several in a row are one part where there are many. A word is taken out of its
    text, and leaves no mark.

    `texts` are the whole ones by column.
    """

    called = "words"

    def __init__(self, columns: Sequence[Column], example: Examples, most: int) -> None:
        self.texts = {
            column.name: example.column(column.name)[0] or ""
            for column in columns
            if column.name in example.table.column_names
        }
        spans = {name: [found.span() for found in WORD.finditer(text)] for name, text in self.texts.items()}
        together = max(1, -(-sum(map(len, spans.values())) // most))
        self.parts: list[Part] = []
        for column in columns:
            own = spans.get(column.name, [])
            for first in range(0, len(own), together):
                piece = own[first : first + together]
                start, stop = piece[0][0], piece[-1][1]
                words = f"word {first + 1}" if len(piece) == 1 else f"words {first + 1}-{first + len(piece)}"
                text = self.texts[column.name][start:stop]
                self.parts.append(Part(column.name, words, text, column.private, start, stop))

    def without(self, copies: Examples, kept: NDArray[np.bool_]) -> Examples:
        import pyarrow as pa
        from datasets import Dataset

        table = copies.table.with_format("arrow")[:]
        for name, text in self.texts.items():
            own = [(at, part) for at, part in enumerate(self.parts) if part.column == name]
            left = [
                text if line[[at for at, _ in own]].all() else _left(text, [part for at, part in own if line[at]])
                for line in kept
            ]  # fmt: skip
            place = table.column_names.index(name)
            table = table.set_column(place, name, pa.array(left, table.schema.field(name).type))
        return replace(copies, table=Dataset(table))


def _left(text: str, parts: Sequence[Part]) -> str:
    """The text of those parts, with what stood between neighbours."""
    pieces: list[str] = []
    end = -1
    for part in parts:
        between = text[end : part.start] if end >= 0 else ""
        pieces.append(between if not between.strip() else " ")
        pieces.append(text[part.start : part.stop])
        end = part.stop
    return "".join(pieces).strip()
