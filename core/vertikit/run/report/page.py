"""What a page is made of. Each block has a macro of its own name in templates/blocks.html.j2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from markupsafe import Markup

from vertikit.run.report.wording import Score


@dataclass(frozen=True)
class Words:
    """A paragraph; `tone` is "", "soft", "warning" or "alarm"."""

    block: ClassVar[str] = "words"
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Picture:
    drawing: Markup
    caption: str


@dataclass(frozen=True)
class Pictures:
    """Side by side where there is room."""

    block: ClassVar[str] = "pictures"
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Gallery:
    """Small photographs in rows, each with its caption, under one title."""

    block: ClassVar[str] = "gallery"
    title: str
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Cell:
    """`text` with `small` beneath it.

    Args:
        numeric: aligned to the right, in figures of one width.
        name: text of the user's data or of a plugin, whose writing direction is isolated.
        full: shown on pointing: the whole text where `text` is shortened, why a figure has no interval.
        strip: drawn as a dot and its interval on the scale from 0 to 1.
        level: how deep the line is indented.
        width: 0 to 1, drawn as a bar behind nothing else.
    """

    text: str = ""
    small: str = ""
    numeric: bool = False
    name: bool = False
    full: str = ""
    strip: Score | None = None
    level: int = 0
    width: float | None = None


@dataclass(frozen=True)
class Table:
    """The first column holds the headings of the lines and stays in view when the table scrolls.

    `marked` are positions of lines that are set off.
    """

    block: ClassVar[str] = "table"
    head: tuple[Cell, ...]
    lines: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    marked: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Matrix:
    """Counts of truth (lines) by prediction (columns), coloured by their share of the line."""

    block: ClassVar[str] = "matrix"
    names: tuple[Cell, ...]
    heads: tuple[Cell, ...]
    counts: tuple[tuple[int, ...], ...]
    shares: tuple[tuple[float, ...], ...]
    caption: str
    alt: str


@dataclass(frozen=True)
class Piece:
    """A stretch of text and how strongly it is marked, from -1 (it spoke against) to 1 (it spoke for)."""

    text: str
    share: float = 0.0


@dataclass(frozen=True)
class Passage:
    """Text of the user's data with marked stretches, under a title."""

    block: ClassVar[str] = "passage"
    title: str
    pieces: tuple[Piece, ...]
    caption: str = ""


@dataclass(frozen=True)
class Code:
    """Text to be copied; folded under its title where it is long."""

    block: ClassVar[str] = "code"
    text: str
    title: str = ""
    folded: bool = False


@dataclass(frozen=True)
class Glossary:
    """Names and a text for each, folded under a title where they are not what one reads first."""

    block: ClassVar[str] = "glossary"
    title: str
    entries: tuple[tuple[str, str], ...]
    folded: bool = True


Block = Words | Pictures | Gallery | Table | Matrix | Passage | Code | Glossary


@dataclass(frozen=True)
class Section:
    """A heading, anchored by `slug`, and its blocks; `short` names it in the list at the top."""

    slug: str
    heading: str
    blocks: Sequence[Block] = field(default_factory=tuple)
    short: str = ""


def heading(text: str, *, numeric: bool = False, small: str = "", name: bool = False) -> Cell:
    return Cell(text, small=small, numeric=numeric, name=name)


def figure(score: Score) -> Cell:
    """A score over its interval."""
    return Cell(
        score.text, small=score.interval or ("no interval" if score.why else ""), numeric=True, full=score.why
    )


def picture(drawing: Markup, caption: str) -> Pictures:
    return Pictures((Picture(drawing, caption),))
