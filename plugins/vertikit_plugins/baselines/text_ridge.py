"""Counts of words, or of pieces of words, into a ridge regression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.contracts import State
from vertikit.errors import VertikitError
from vertikit_plugins.baselines.ridge import GRID, Ridge

if TYPE_CHECKING:
    from vertikit.columns import Column
    from vertikit.examples import Examples

FEW_TEXTS = 50
MOST_TERMS = 50_000


class TfidfRidge(Ridge):
    """TF-IDF of words and word pairs, all texts of a row read as one; what it keeps are words of the training texts."""

    name = "tfidf-ridge"
    counts: dict[str, Any] = {"ngram_range": (1, 2)}  # noqa: RUF012 - never changed

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        super().__init__(inputs, seed, grid)
        if not self.columns:
            raise VertikitError(
                f"baseline {self.name} reads text, and this task has no text column.",
                "Leave it out of the recipe's baselines.",
            )
        self._vectors: Any = None

    def state(self) -> State:
        inner = super().state()
        terms = self._vectors.get_feature_names_out().tolist()
        return State(tree={**inner.tree, "terms": terms}, arrays={**inner.arrays, "idf": self._vectors.idf_})

    def load(self, state: State) -> None:
        super().load(state)
        self._vectors = self._vectorizer(1, state.tree["terms"])
        self._vectors.idf_ = state.arrays["idf"]

    def _prepare(self, examples: Examples) -> Any:
        texts = self._texts(examples)
        for least in (1,) if len(texts) < FEW_TEXTS else (2, 1):
            self._vectors = self._vectorizer(least, None)
            try:
                return self._vectors.fit_transform(texts)
            except ValueError:  # no term is left
                continue
        # Texts without a word: a term that no text has leaves the mean to answer.
        self._vectors = self._vectorizer(1, ["\x00"])
        self._vectors.idf_ = np.ones(1)
        return self._vectors.transform(texts)

    def _table(self, examples: Examples) -> Any:
        return self._vectors.transform(self._texts(examples))

    def _vectorizer(self, least: int, terms: list[str] | None) -> Any:
        from sklearn.feature_extraction.text import TfidfVectorizer

        return TfidfVectorizer(
            sublinear_tf=True, min_df=least, vocabulary=terms, max_features=MOST_TERMS, **self.counts
        )

    def _texts(self, examples: Examples) -> list[str]:
        names = [name for name in self.columns if name in examples.table.column_names]
        columns = [examples.column(name) for name in names]
        return ["\n".join(value or "" for value in row) for row in zip(*columns, strict=True)]


class CharacterRidge(TfidfRidge):
    """TF-IDF of pieces of two to five characters inside words."""

    name = "character-ridge"
    counts: dict[str, Any] = {"analyzer": "char_wb", "ngram_range": (2, 5)}  # noqa: RUF012 - never changed
