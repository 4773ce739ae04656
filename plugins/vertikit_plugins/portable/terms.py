"""Weights of words and pairs of words, as scikit-learn's TF-IDF has them, under a regression."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"(?u)\b\w\w+\b")


class Part:
    """`answers` are probabilities [N, K] of a logistic regression on texts, all columns of a row read as one.

    Settings: columns; terms; places [k] of the regression's classes among the K labels, and how many labels. Arrays:
    idf [V], coefficients [k or 1, V], intercepts.
    """

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        del folder
        self._settings, self._arrays = settings, arrays
        self._place = {term: at for at, term in enumerate(settings["terms"])}

    def answers(self, columns: Mapping[str, Any]) -> NDArray[np.float64]:
        """Of texts [N] by column, None where there is none."""
        there = [columns[name] for name in self._settings["columns"] if name in columns]
        texts = ["\n".join(value or "" for value in row) for row in zip(*there, strict=True)]
        weights = self._arrays["coefficients"]
        raw = np.tile(self._arrays["intercepts"].astype(np.float64), (len(texts), 1))
        for row, text in enumerate(texts):
            places, values = self._weighed(text)
            raw[row] += weights[:, places] @ values
        if raw.shape[1] == 1:
            raw = np.concatenate([-raw / 2, raw / 2], axis=1)
        shares = np.exp(raw - raw.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        found = np.zeros((len(texts), self._settings["labels"]))
        found[:, self._settings["places"]] = shares
        return found

    def _weighed(self, text: str) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        words = _WORD.findall(text.lower())
        counts = Counter([*words, *(" ".join(pair) for pair in pairwise(words))])
        known = sorted((self._place[term], count) for term, count in counts.items() if term in self._place)
        places = np.array([at for at, _ in known], np.int64)
        values = (1 + np.log(np.array([count for _, count in known], np.float64))) * self._arrays["idf"][
            places
        ]
        norm = float(np.sqrt((values**2).sum()))
        return places, values / norm if norm else values
