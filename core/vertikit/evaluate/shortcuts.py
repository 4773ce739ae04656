"""Whether a model is shown to see more than what goes along with the answer without being it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertikit.evaluate.verdict import metric_title


def warnings_of_shortcut(metrics: Mapping[str, Any]) -> list[str]:
    """A sentence where a baseline that sees all but what matters is not shown to be worse than the model."""
    shortcut = metrics.get("shortcut")
    if not shortcut:
        return []
    primary = metrics["primary"]
    theirs, ours = shortcut["test"][primary]["value"], metrics["test"][primary]["value"]
    low, _ = shortcut["difference"].get("ci95", (None, None))
    if theirs is None or ours is None or (low is not None and low > 0):
        return []
    words = "does as well" if low is not None else "may do as well (too few rows to tell)"
    return [
        f"Shortcut: {shortcut['baseline']}, which sees none of what the model is for, {words}: {metric_title(primary)} "
        f"{theirs:.2f} against the model's {ours:.2f}. The model is not shown to look at what matters, and may fail "
        "where rows come from elsewhere. Look at the slices, and test it on rows of another origin."
    ]
