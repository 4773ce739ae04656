"""What preparation makes of payments, without training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

TASK = "finance/fraud"


def prepared(table: pd.DataFrame, folder: Path, types: dict[str, str] | None = None, **recipe: Any) -> Any:
    """What preparation makes of the rows, without training."""
    from vertikit.prepare.prepared import Sources
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry

    known = registry()
    task = known.task(TASK)
    folder.mkdir()
    sources = Sources((table,), types=types or {})
    return prepare(task, sources, resolve_recipe(task, known, layers=[recipe]), known, folder, lambda _: None)
