"""TF-IDF of words and word pairs into a logistic regression: what most people would try first on text."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.columns import Text
from vertikit.contracts import Portable, State
from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.resampling import group_codes
from vertikit_plugins.baselines.majority import Majority

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices

GRID = (0.1, 1.0, 10.0, 100.0)
ENOUGH_VALID = 30
FEW_TEXTS = 50

Texts = list[str]


class TfidfLogistic:
    """Multinomial logistic regression with an L2 penalty on TF-IDF features, C tuned by macro F1.

    Counts of words and pairs of neighbouring words (lower case, two letters or more), dampened to
    1 + ln(count), times the inverse document frequency, each text scaled to length 1 (Salton and Buckley
    1988, Information Processing and Management 24:513-523). Terms of one text alone are dropped, unless
    there are fewer than 50 texts. Several text columns are read as one text; other inputs are not read.

    C is that of `grid` with the best macro F1 on the validation rows where there are at least 30, else in
    cross-validation inside the training rows, groups undivided; the smaller C among equals. The model
    is then fitted on the training rows alone. What it keeps are terms with their weights: words of the texts.
    """

    def __init__(self, inputs: tuple[Column, ...], seed: int, grid: tuple[float, ...] = GRID) -> None:
        self._inputs = inputs
        self.columns = tuple(column.name for column in inputs if isinstance(column, Text))
        if not self.columns:
            raise VertikitError(
                "baseline tfidf-logistic reads text, and this task has no text column.",
                "Leave it out of the recipe's baselines.",
            )
        self.seed, self.grid = seed, tuple(sorted(float(c) for c in grid))
        self.c = float("nan")
        self._shares = Majority(inputs, seed)
        self._vectors: Any = None
        self._model: Any = None

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Choose C by `valid` (where it is too small, by cross-validation), then learn from both parts.

        With one class, or no word in the texts, it is Majority.
        """
        self._shares.fit(train, target, valid, valid_target)
        self._vectors = self._model = None
        self.c = float("nan")
        texts, classes = self._texts(train), target.astype(str)
        vectors, table = _vectors(texts)
        if table is None or len(set(classes)) < 2:
            return
        scores = np.zeros(len(self.grid))
        if len(self.grid) == 1:
            pass  # nothing to choose
        elif len(valid) >= ENOUGH_VALID:
            held_out = vectors.transform(self._texts(valid))
            scores += _scores(table, classes, held_out, valid_target.astype(str), self.grid)
        else:
            for inside, outside in _folds(classes, train.group, self.seed):
                part, known = _vectors([texts[row] for row in inside])
                if known is not None:
                    held_out = part.transform([texts[row] for row in outside])
                    scores += _scores(known, classes[inside], held_out, classes[outside], self.grid)
        # The smallest C among equals; without anything to judge by, the middle of the grid.
        self.c = self.grid[int(scores.argmax()) if scores.any() else len(self.grid) // 2]
        if len(valid):
            vectors, table = _vectors([*texts, *self._texts(valid)])
            classes = np.concatenate([classes, valid_target.astype(str)])
        self._vectors, self._model = vectors, _regression(self.c)
        self._model.fit(table, classes)

    def refit(self, train: Examples, target: NDArray[np.object_]) -> TfidfLogistic:
        """Another one, learnt from these rows with the C chosen here."""
        grid = self.grid if np.isnan(self.c) else (self.c,)
        other = TfidfLogistic(self._inputs, self.seed, grid)
        other.fit(train, target, train.take(np.empty(0, np.int64)), target[:0])
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K]; a label that training did not know has probability 0."""
        if self._model is None:
            return self._shares.probabilities(examples, labels)
        table = np.zeros((len(examples), len(labels)))
        if not len(examples):
            return table
        found = self._model.predict_proba(self._vectors.transform(self._texts(examples)))
        position = {str(label): index for index, label in enumerate(self._model.classes_)}
        for index, label in enumerate(labels):
            if label in position:
                table[:, index] = found[:, position[label]]
        return table

    def state(self) -> State:
        """Terms, inverse document frequencies and coefficients; skops would take 20 times the bytes."""
        tree = {"shares": self._shares.state().tree}
        if self._model is None:
            return State(tree=tree)
        model = self._model
        return State(
            tree={
                **tree,
                "c": self.c,
                "classes": [str(label) for label in model.classes_],
                "terms": self._vectors.get_feature_names_out().tolist(),
            },
            arrays={"idf": self._vectors.idf_, "coefficients": model.coef_, "intercepts": model.intercept_},
        )

    def load(self, state: State) -> None:
        self._shares.load(State(tree=state.tree["shares"]))
        self._vectors = self._model = None
        if "terms" not in state.tree:
            return
        self.c = float(state.tree["c"])
        self._vectors = _vectorizer(1, vocabulary=state.tree["terms"])
        self._vectors.idf_ = state.arrays["idf"]
        self._model = _regression(self.c)
        self._model.classes_ = np.array(state.tree["classes"])
        self._model.coef_ = state.arrays["coefficients"]
        self._model.intercept_ = state.arrays["intercepts"]
        self._model.n_features_in_ = self._model.coef_.shape[1]

    def portable(self, labels: tuple[str, ...]) -> Portable:
        """The same without the kit; UsageError where it has learnt nothing."""
        if self._model is None:
            raise UsageError(
                "baseline tfidf-logistic has learnt no word of these texts, and only knows how frequent classes are.",
                "Export the model alone: --alone",
            )
        known = [str(label) for label in self._model.classes_]
        lacking = [label for label in known if label not in labels]
        if lacking:
            raise UsageError(
                "baseline tfidf-logistic knows classes that the model does not.",
                "Export the model alone: --alone",
            )
        return Portable(
            ("vertikit_plugins.portable.terms",),
            {
                "columns": list(self.columns),
                "terms": self._vectors.get_feature_names_out().tolist(),
                "places": [labels.index(label) for label in known],
                "labels": len(labels),
            },
            {
                "idf": self._vectors.idf_,
                "coefficients": self._model.coef_,
                "intercepts": self._model.intercept_,
            },
            columns=self.columns,
        )

    def graph_module(self, labels: tuple[str, ...]) -> None:
        """None: words are no tensors."""
        del labels

    def _texts(self, examples: Examples) -> Texts:
        names = [name for name in self.columns if name in examples.table.column_names]
        columns = [examples.column(name) for name in names]
        return ["\n".join(value or "" for value in row) for row in zip(*columns, strict=True)]


def _vectorizer(min_df: int, vocabulary: list[str] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=min_df, vocabulary=vocabulary)


def _vectors(texts: Texts) -> tuple[Any, Any]:
    """The fitted vectorizer and the matrix of the texts; None twice where they hold no word."""
    for min_df in (1,) if len(texts) < FEW_TEXTS else (2, 1):
        vectorizer = _vectorizer(min_df)
        try:
            return vectorizer, vectorizer.fit_transform(texts)
        except ValueError:  # no term is left
            continue
    return None, None


def _regression(c: float, warm_start: bool = False) -> Any:
    from sklearn.linear_model import LogisticRegression

    return LogisticRegression(C=c, max_iter=1000, warm_start=warm_start)


def _scores(
    table: Any, classes: NDArray[np.str_], held_out: Any, truth: NDArray[np.str_], grid: tuple[float, ...]
) -> NDArray[np.float64]:
    """Macro F1 on the rows held out, for each C."""
    from sklearn.metrics import f1_score

    # Each C starts from the solution of the one before, which takes a third of the time.
    model = _regression(grid[0], warm_start=True)
    scores = np.zeros(len(grid))
    for index, c in enumerate(grid):
        model.set_params(C=c).fit(table, classes)
        scores[index] = f1_score(truth, model.predict(held_out), average="macro", zero_division=0)
    return scores


def _folds(
    classes: NDArray[np.str_], groups: NDArray[np.object_] | None, seed: int
) -> Iterator[tuple[Indices, Indices]]:
    """Three to five folds, as many as the rarest class has rows; none where rows or groups are too few."""
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    counts = np.unique(classes, return_counts=True)[1]
    folds = int(min(5, max(3, counts.min())))
    units = None if groups is None else group_codes(groups)
    if counts.max() < folds or (units is not None and len(np.unique(units)) < folds):
        return
    kind = StratifiedKFold if units is None else StratifiedGroupKFold
    with warnings.catch_warnings():
        # A class with fewer rows than folds is missing from some, which the choice of C bears.
        warnings.simplefilter("ignore", UserWarning)
        parts = list(kind(folds, shuffle=True, random_state=seed).split(classes, classes, units))
    yield from (part for part in parts if len(part[1]) and len(set(classes[part[0]])) > 1)
