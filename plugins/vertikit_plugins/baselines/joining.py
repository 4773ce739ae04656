"""Two parts of the same table as one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from vertikit.examples import Examples


def joined(one: Examples, other: Examples) -> Examples:
    """The examples of both, in that order."""
    from datasets import concatenate_datasets

    def both(first: object, second: object) -> object:
        return None if first is None or second is None else np.concatenate([first, second])

    return replace(
        one,
        table=concatenate_datasets([one.table, other.table]),
        rows=np.concatenate([one.rows, other.rows]),
        source=np.concatenate([one.source, other.source]),
        part=np.concatenate([one.part, other.part]),
        group=both(one.group, other.group),  # type: ignore[arg-type]
        span=both(one.span, other.span),  # type: ignore[arg-type]
    )
