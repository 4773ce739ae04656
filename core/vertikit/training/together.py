"""One training by several processes, as `torchrun -m vertikit train …` starts them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.adapt import ranks
from vertikit.contracts import Strategy
from vertikit.errors import UsageError
from vertikit.progress import SILENT, Progress
from vertikit.recipe import Recipe
from vertikit.registry import Registry

if TYPE_CHECKING:
    from vertikit.run.run import Run

Work = Callable[[Path | None, Progress], "Run"]


def together(work: Work, recipe: Recipe, known: Registry, output: Path | None, progress: Progress) -> Run:
    """Let every process do the work: the first as if it were alone, the others out of sight, in a folder that goes.

    UsageError where there is no gradient to share: features of a frozen encoder are computed once, by one process.
    """
    if not ranks.is_first():
        # What is said, an error too, is the same in all of them, and is said once.
        sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    strategy: Strategy = known.get("strategies", recipe.strategy.name).resolve()(**recipe.strategy.options)
    if strategy.features_once:
        raise UsageError(
            f"strategy {recipe.strategy.name!r} trains a head on features that are computed once: several processes "
            "have nothing to share.",
            "Leave torchrun out, or train the encoder: --set strategy=lora",
        )
    met = ranks.join()
    try:
        if ranks.is_first():
            return work(output, progress)
        with tempfile.TemporaryDirectory(prefix="vertikit-rank-") as folder:
            return work(Path(folder) / "run", SILENT)
    finally:
        if met:  # who brought them together before parts them, too
            ranks.leave()
