"""Examples made of texts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from datasets import Dataset

from vertikit.examples import Examples

WORDS = {"asthma": "wheeze cough inhaler", "gout": "toe swelling uric", "flu": "fever chills aches"}
FILLER = ["reports", "since", "days", "night", "morning", "mild", "severe", "pain", "history", "family"]


def examples(
    texts: Sequence[str | None], group: Sequence[str] | None = None, **further: list[str]
) -> Examples:
    count = len(texts)
    return Examples(
        Dataset.from_dict({"text": list(texts), **further}),
        np.arange(1, count + 1),
        np.full(count, "notes.csv", object),
        np.full(count, "", object),
        None if group is None else np.array(group, object),
    )


def notes(count: int, seed: int = 0) -> tuple[list[str], np.ndarray]:
    """Notes whose words tell the disease most of the time."""
    random = np.random.default_rng(seed)
    labels = random.choice(list(WORDS), count, p=[0.5, 0.3, 0.2])
    texts = []
    for label in labels:
        told = label if random.random() < 0.85 else random.choice(list(WORDS))
        words = [*random.choice(FILLER, 6), *random.choice(WORDS[str(told)].split(), 2)]
        texts.append(" ".join(random.permutation(words)))
    return texts, labels.astype(object)
