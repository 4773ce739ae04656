"""Peers without gradient training of an encoder: a table of features into a logistic regression, C tuned."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.model_folder import minilm_folder
from benchmarks.rows import Rows

Encode = Callable[[list[str], list[str]], tuple[Any, Any]]


def tfidf_logistic(rows: Rows) -> tuple[list[str], float]:
    """Words and word pairs, sublinear counts; the test predictions, and seconds from rows to them."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    def encode(train: list[str], other: list[str]) -> tuple[Any, Any]:
        vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2 if len(train) > 50 else 1)
        return vectors.fit_transform(train), vectors.transform(other)

    started = time.perf_counter()
    predicted = _tuned(rows, encode, (0.1, 1.0, 10.0, 100.0, 1000.0))
    return predicted, time.perf_counter() - started


def sentence_logistic(rows: Rows) -> tuple[list[str], float]:
    """`SentenceTransformer.encode` as it comes (texts are cut at 256 tokens), and the same regression."""
    from sentence_transformers import SentenceTransformer

    started = time.perf_counter()
    model = SentenceTransformer(str(minilm_folder()), device="cpu")
    model.max_seq_length = 256
    frames = [rows.train, rows.test] if rows.valid is None else [rows.train, rows.valid, rows.test]
    texts = list(dict.fromkeys(text for frame in frames for text in frame["text"]))
    known = dict(zip(texts, model.encode(texts, batch_size=32, show_progress_bar=False), strict=True))

    def encode(train: list[str], other: list[str]) -> tuple[Any, Any]:
        return np.stack([known[text] for text in train]), np.stack([known[text] for text in other])

    predicted = _tuned(rows, encode, (0.1, 1.0, 10.0, 100.0, 1000.0))
    return predicted, time.perf_counter() - started


def _tuned(rows: Rows, encode: Encode, grid: tuple[float, ...]) -> list[str]:
    """C by macro-F1 on the official validation part, else in folds of the training rows; fitted on these."""
    from sklearn.metrics import f1_score
    from sklearn.model_selection import StratifiedKFold

    texts, truth = list(rows.train["text"]), rows.train["disease"].to_numpy(dtype=str)
    scores = np.zeros(len(grid))
    if rows.valid is not None:
        judged = [(texts, truth, list(rows.valid["text"]), rows.valid["disease"].to_numpy(dtype=str))]
    else:
        rarest = int(np.unique(truth, return_counts=True)[1].min())
        folds = StratifiedKFold(max(2, min(5, rarest)), shuffle=True, random_state=0)
        judged = [
            ([texts[at] for at in inside], truth[inside], [texts[at] for at in outside], truth[outside])
            for inside, outside in folds.split(texts, truth)
        ]
    for train, classes, other, other_classes in judged:
        table, held_out = encode(train, other)
        for place, c in enumerate(grid):
            said = _regression(c).fit(table, classes).predict(held_out)
            scores[place] += f1_score(other_classes, said, average="macro", zero_division=0)
    table, test = encode(texts, list(rows.test["text"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(_regression(grid[int(scores.argmax())]).fit(table, truth).predict(test))


def _regression(c: float) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=1000)
