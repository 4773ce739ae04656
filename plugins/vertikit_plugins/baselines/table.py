"""What a user of tables would have used otherwise: gradient boosting, and logistic regression, on the same columns."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.table_values import table_values
from vertikit.contracts import Portable, State
from vertikit.errors import UsageError, VertikitError
from vertikit.fitted_store import from_skops, to_skops
from vertikit_plugins.tables.reading import TableReading

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import nn

    from vertikit.columns import Column
    from vertikit.examples import Examples

ENOUGH_VALID = 30
TRUSTED = (
    "sklearn._loss.link.Interval",
    "sklearn._loss.link.LogitLink",
    "sklearn._loss.link.MultinomialLogit",
    "sklearn._loss.loss.HalfBinomialLoss",
    "sklearn._loss.loss.HalfMultinomialLoss",
    "sklearn._loss._loss.CyHalfBinomialLoss",
    "sklearn._loss._loss.CyHalfMultinomialLoss",
    "sklearn.ensemble._hist_gradient_boosting.binning._BinMapper",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "numpy.dtype",
)
"""Types inside a boosted model that skops does not build unasked; none of them runs code of a file."""


class TableBaseline(ABC):
    """Columns of a table into a classifier of scikit-learn, its settings chosen by the validation rows.

    What is chosen is the setting with the least log loss; then it learns from training and validation rows.
    """

    name = "table"
    grid: tuple[Mapping[str, Any], ...] = ({},)

    def __init__(
        self, inputs: tuple[Column, ...], seed: int, settings: Mapping[str, Any] | None = None
    ) -> None:
        self._columns = tuple(column for column in inputs if column.modality == "table")
        if not self._columns:
            raise VertikitError(
                f"baseline {self.name} reads columns of a table, and this task has none.",
                "Leave it out of the recipe's baselines.",
            )
        self._inputs, self.seed = inputs, seed
        self.settings = dict(settings or {})
        self.reading = TableReading()
        self._model: Any = None
        self._classes: list[str] = []

    def fit(
        self, train: Examples, target: NDArray[np.object_], valid: Examples, valid_target: NDArray[np.object_]
    ) -> None:
        """Choose the settings by `valid` (where it is too small, the first), then learn from both."""
        from sklearn.metrics import log_loss

        self.reading.fit(self._columns, table_values(self._columns, train))
        known, asked = self._table(train), self._table(valid)
        if not known.shape[1]:
            raise UsageError(
                f"baseline {self.name} finds no column to learn from; windows have none without an expert.",
                "Leave it out: --set baselines=[majority]",
            )
        labels = np.asarray(target, dtype=str)
        wanted = np.asarray(valid_target, dtype=str)
        self.settings = dict(self.grid[0])
        if len(valid) >= ENOUGH_VALID and len(self.grid) > 1:
            losses = []
            for settings in self.grid:
                model = self._learn(known, labels, settings)
                losses.append(
                    log_loss(
                        wanted, model.predict_proba(asked), labels=[str(each) for each in model.classes_]
                    )
                )
            self.settings = dict(self.grid[int(np.argmin(losses))])
        both = np.concatenate([known, asked]) if len(valid) else known
        self._model = self._learn(both, np.concatenate([labels, wanted]), self.settings)
        self._classes = [str(each) for each in self._model.classes_]

    def refit(self, train: Examples, target: NDArray[np.object_]) -> TableBaseline:
        """Another one, learnt from these rows with the settings that `fit` chose here."""
        other = type(self)(self._inputs, self.seed, self.settings)
        other.reading.fit(self._columns, table_values(self._columns, train))
        other._model = other._learn(other._table(train), np.asarray(target, dtype=str), self.settings)
        other._classes = [str(each) for each in other._model.classes_]
        return other

    def probabilities(self, examples: Examples, labels: tuple[str, ...]) -> NDArray[np.float64]:
        """[N, K]; a label that training lacked has 0."""
        result = np.zeros((len(examples), len(labels)))
        if not len(examples):
            return result
        found = self._model.predict_proba(self._table(examples))
        place = {label: at for at, label in enumerate(labels)}
        for at, name in enumerate(self._classes):
            if name in place:
                result[:, place[name]] = found[:, at]
        return result

    def state(self) -> State:
        learnt = self.reading.state().tree
        return State(
            tree={"reading": learnt, "settings": self.settings, "classes": self._classes},
            blobs={"model": to_skops(self._model)},
        )

    def load(self, state: State) -> None:
        self.reading.load(State(tree=state.tree["reading"]))
        self.settings = dict(state.tree["settings"])
        self._classes = [str(each) for each in state.tree["classes"]]
        self._model = from_skops(state.blobs["model"], TRUSTED)

    def _table(self, examples: Examples) -> NDArray[np.float64]:
        """Numbers, then codes, side by side [N, F + C]; a code of 0 is missing."""
        if not len(examples):
            return np.empty((0, len(self.reading.names) + len(self.reading.categories)))
        matrices = self.reading.matrices(table_values(self._columns, examples))
        codes = np.where(matrices.codes == 0, np.nan, matrices.codes.astype(np.float64))
        return np.concatenate([matrices.numbers, codes], axis=1)

    @abstractmethod
    def _learn(self, table: NDArray[np.float64], labels: NDArray[Any], settings: Mapping[str, Any]) -> Any:
        """A classifier fitted on the table [N, F]."""


class GradientBoosting(TableBaseline):
    """Gradient boosting on histograms (Ke et al. 2017, LightGBM, as in scikit-learn's HistGradientBoosting)."""

    name = "gradient-boosting"
    grid = tuple(
        {"learning_rate": rate, "max_iter": trees, "max_leaf_nodes": leaves, "min_samples_leaf": least}
        for rate, trees in ((0.1, 100), (0.05, 200), (0.03, 200))
        for leaves, least in ((31, 20), (15, 50))
    )

    def _learn(self, table: NDArray[np.float64], labels: NDArray[Any], settings: Mapping[str, Any]) -> Any:
        from sklearn.ensemble import HistGradientBoostingClassifier

        # Codes run from the commonest category to the rarest, and are split as numbers: scikit-learn's own handling of
        # categories leaves functions inside the model, which is then no longer mere data to be read back.
        model = HistGradientBoostingClassifier(
            categorical_features=None, early_stopping=False, random_state=self.seed, **settings
        )
        return model.fit(table, labels)

    def portable(self, labels: tuple[str, ...]) -> Portable:
        """Rows without the kit, for the trees."""
        del labels
        settings = {**self.reading.state().tree, "standardise": False}
        return Portable(("vertikit_plugins.portable.table",), settings, columns=self.reading.columns)

    def graph_module(self, labels: tuple[str, ...]) -> tuple[nn.Module, int]:
        """The trees, and how many columns they read."""
        from vertikit_plugins.baselines.trees import Trees

        known = [name for name in self._classes if name in labels]
        if known != self._classes:
            raise UsageError(
                "baseline gradient-boosting knows classes that the model does not.",
                "Export the model alone: --alone",
            )
        width = len(self.reading.names) + len(self.reading.categories)
        return Trees(self._model, [labels.index(name) for name in known], len(labels)), width


class TableLogistic(TableBaseline):
    """Logistic regression on standardised numbers (missing: the mean, and marked) and one-hot categories."""

    name = "logistic"
    grid = tuple({"C": c} for c in (0.01, 0.1, 1.0))

    def _learn(self, table: NDArray[np.float64], labels: NDArray[Any], settings: Mapping[str, Any]) -> Any:
        from sklearn.compose import ColumnTransformer
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, QuantileTransformer

        numbers = len(self.reading.names)
        quantiles = max(2, min(200, len(table)))
        steps = ColumnTransformer(
            [
                (
                    "numbers",
                    make_pipeline(
                        SimpleImputer(add_indicator=True),
                        QuantileTransformer(
                            n_quantiles=quantiles, output_distribution="normal", random_state=self.seed
                        ),
                    ),
                    list(range(numbers)),
                ),
                (
                    "categories",
                    OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=10),
                    list(range(numbers, table.shape[1])),
                ),
            ]
        )
        with warnings.catch_warnings():
            # Of hundreds of columns the last digits of some weights are still moving, which no answer shows.
            warnings.simplefilter("ignore", ConvergenceWarning)
            return make_pipeline(steps, LogisticRegression(max_iter=1000, **settings)).fit(table, labels)
