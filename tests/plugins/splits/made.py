"""Examples made up for the tests of splits."""

from __future__ import annotations

import numpy as np
from datasets import Dataset

from vertikit.examples import Examples


def examples(classes, groups=None, parts=None, span=None):
    count = len(classes)
    return Examples(
        table=Dataset.from_dict({"text": [str(at) for at in range(count)]}),
        rows=np.arange(1, count + 1),
        source=np.full(count, "notes.csv", object),
        part=np.array(parts if parts is not None else [""] * count, object),
        group=None if groups is None else np.array(groups, object),
        span=span,
    )


def split(kind, classes, groups=None, parts=None, *, test=0.2, valid=0.15, seed=0, span=None):
    """The one fold of a split."""
    classes = np.array(classes, object)
    made = examples(classes, groups, parts, span)
    (fold,) = kind().split(made, classes, test=test, valid=valid, seed=seed)
    return fold


def parts_of(fold):
    return [fold.train, fold.valid, *fold.tests.values()]
