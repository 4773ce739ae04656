"""Writes report.html: one file without network or script, for a phone, a dark room, and paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from vertikit.errors import VertikitError

__all__ = ["render", "shows_values"]


def render(folder: Path, *, show_values: bool = False, texts: Mapping[int, str] | None = None) -> Path:
    """Write `report.html` from what lies in a run folder, and give its path.

    Sections whose figures are absent from metrics.json are left out. The same folder gives the same bytes.

    Args:
        folder: a run; only metrics.json must be there.
        show_values: whether texts of private columns may be shown.
        texts: row number -> text, for the most confident mistakes; nothing without `show_values`.

    Raises:
        VertikitError: where a file of the run is missing or damaged, or the report cannot be written.
    """
    from vertikit.run.report.reading import read
    from vertikit.run.report.sections import assemble

    run = read(folder)
    try:
        page = assemble(run, texts if show_values else None)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise VertikitError(
            f"{folder / 'metrics.json'} cannot be shown: it is damaged, or of another version "
            f"({type(error).__name__}: {error}).",
            "Restore the folder from a copy, or train the run again.",
        ) from error
    path = folder / "report.html"
    try:
        path.write_bytes(page.encode("utf-8"))
    except OSError as error:
        raise VertikitError(
            f"{path} cannot be written: {error.strerror}.", "Free it, or copy the run."
        ) from error
    return path


def shows_values(folder: Path) -> bool:
    """Whether the report that lies there shows texts of private columns, which the run does not hold."""
    try:
        return "<body data-shows-values>" in (folder / "report.html").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
