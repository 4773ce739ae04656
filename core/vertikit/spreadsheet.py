"""Text cells of a CSV file as a spreadsheet shows them, and never runs them."""

from __future__ import annotations

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
"""Where a spreadsheet takes a cell for a formula (OWASP, CSV Injection)."""


def shown_as_text(cell: object) -> object:
    """The cell, with an apostrophe before a text that a spreadsheet would run; numbers stay as they are."""
    if not isinstance(cell, str) or not cell.startswith(STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return f"'{cell}"
    return cell
