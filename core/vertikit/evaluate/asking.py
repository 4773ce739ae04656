"""Questions of yes or no that predictions answer: is this finding there, is there any?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from vertikit.evaluate.frame import PREFIX

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.contracts import MetricContext

TRUTH = "is."
"""Of a target of several findings, the column `is.<finding>`: 1, 0, or NaN where that is not known."""
NEGATIVE = "negative"
"""Option of a policy that names the class which means that there is nothing."""
NOTHING = (
    "normal", "negative", "none", "no", "no finding", "nofinding", "no_finding", "healthy", "benign", "sound", "ok",
    "good", "0", "false",
)  # fmt: skip
"""Names of such a class, where none is named."""


@dataclass(frozen=True)
class Asked:
    """One question: truth [n] and the probability of yes [n], of the rows where the truth is known."""

    name: str
    truth: NDArray[np.bool_]
    score: NDArray[np.float64]


def nothing_found(labels: Sequence[str], named: object = None) -> str | None:
    """The class which means that there is nothing: the one that is named, else one of a usual name; of two classes
    without such a name, the first."""
    if isinstance(named, str) and named in labels:
        return named
    found = next((label for name in NOTHING for label in labels if label.casefold() == name), None)
    return labels[0] if found is None and len(labels) == 2 else found


def asked(frame: pd.DataFrame, context: MetricContext, *, every: bool = False) -> Iterator[Asked]:
    """The findings one by one; of classes whether there is any, or, with `every`, each class against the rest.

    Of classes none of which means nothing there is no such question, and each is asked about.
    """
    labels = context.labels
    if f"{TRUTH}{labels[0]}" in frame.columns if labels else False:
        for label in labels:
            truth = frame[f"{TRUTH}{label}"].to_numpy(np.float64)
            known = np.isfinite(truth)
            yield Asked(label, truth[known] > 0.5, frame[PREFIX + label].to_numpy(np.float64)[known])
        return
    truth = np.asarray(frame["truth"], object)
    nothing = nothing_found(labels, context.policy.get(NEGATIVE))
    if every or nothing is None:
        for label in labels:
            yield Asked(label, truth == label, frame[PREFIX + label].to_numpy(np.float64))
        return
    yield Asked(f"not {nothing}", truth != nothing, 1 - frame[PREFIX + nothing].to_numpy(np.float64))
