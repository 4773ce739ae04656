from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Category, Number, Text, VertikitError
from vertikit.examples import Examples
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.baselines.table import GradientBoosting, TableLogistic

INPUTS = (Number("x", required=False), Category("kind", required=False))
LABELS = ("no", "yes")


def made(rows: int, seed: int) -> tuple[Examples, np.ndarray]:
    random = np.random.default_rng(seed)
    x, kind = random.normal(size=rows), random.integers(0, 4, rows)
    truth = np.where(x + (kind == 2) + random.normal(size=rows) > 1, "yes", "no").astype(object)
    table = {
        "x": [None if lost else float(each) for each, lost in zip(x, random.random(rows) < 0.1, strict=True)],
        "kind": [f"k{each}" for each in kind],
    }
    names = np.full(rows, "", object)
    return Examples(Dataset.from_dict(table), np.arange(1, rows + 1), names, names), truth


TRAIN, VALID, TEST = made(600, 0), made(200, 1), made(400, 2)


def fitted(kind):
    baseline = kind(INPUTS, seed=0)
    baseline.fit(*TRAIN, *VALID)
    return baseline


@pytest.mark.parametrize("kind", [GradientBoosting, TableLogistic])
def test_it_learns_and_is_kept_without_running_code(kind, tmp_path) -> None:
    from sklearn.metrics import roc_auc_score

    baseline = fitted(kind)
    found = baseline.probabilities(TEST[0], LABELS)
    assert roc_auc_score(TEST[1] == "yes", found[:, 1]) > 0.75 and np.allclose(found.sum(1), 1)
    save_fitted(tmp_path, "it", baseline)
    other = kind(INPUTS, seed=0)
    load_fitted(tmp_path, "it", other)
    assert np.array_equal(other.probabilities(TEST[0], LABELS), found)


@pytest.mark.parametrize("kind", [GradientBoosting, TableLogistic])
def test_new_kinds_and_gaps_are_answered(kind) -> None:
    names = np.full(2, "", object)
    odd = Examples(Dataset.from_dict({"x": [None, 1e12], "kind": ["new", None]}), np.arange(2), names, names)
    assert np.isfinite(fitted(kind).probabilities(odd, LABELS)).all()


def test_refitted_on_other_rows_it_keeps_its_settings_and_forgets_the_rest() -> None:
    baseline = fitted(GradientBoosting)
    other = baseline.refit(*VALID)
    assert other.settings == baseline.settings
    alone = GradientBoosting(INPUTS, 0, baseline.settings)
    alone = alone.refit(*VALID)
    assert np.array_equal(alone.probabilities(TEST[0], LABELS), other.probabilities(TEST[0], LABELS))


def test_a_task_without_a_table_is_one_line() -> None:
    with pytest.raises(VertikitError, match="gradient-boosting reads columns of a table"):
        GradientBoosting((Text("text"),), 0)
