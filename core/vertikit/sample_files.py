"""Where the files of a sample lie that its rows name."""

from __future__ import annotations

from pathlib import Path


def files_beside(path: Path) -> Path:
    """The folder beside a sample's table: of `parts.csv`, `parts`. Cells are relative to the folder that holds both."""
    return path.with_suffix("") if path.suffix else path.with_name(f"{path.name}-files")
