"""Baselines on small grey pictures."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset
from sklearn.metrics import roc_auc_score

from tests.plugins.backbones.pictures.conftest import pictures_of
from vertikit import Image, Text, VertikitError
from vertikit.examples import Examples
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.baselines.pixel_gaussian import PixelGaussian
from vertikit_plugins.baselines.pixels_logistic import PixelsLogistic

INPUTS = (Image("image"),)


def made(rows: int, seed: int) -> tuple[Examples, np.ndarray]:
    """Noisy pictures, a third of them with a faint bright corner."""
    random = np.random.default_rng(seed)
    pixels = random.normal(120, 25, (rows, 1, 48, 40, 1))
    odd = random.random(rows) < 0.33
    pixels[odd, :, :12, :12] += 22
    pictures = pictures_of(list(pixels.clip(0, 255).astype(np.uint8)))
    names = np.full(rows, "", object)
    table = Dataset.from_dict({"image": [f"{at}.png" for at in range(rows)]})
    examples = Examples(table, np.arange(1, rows + 1), names, names, pictures={"image": pictures})
    return examples, np.where(odd, "odd", "sound").astype(object)


TRAIN, VALID, TEST = made(240, 0), made(80, 1), made(200, 2)


def test_logistic_regression_on_pixels_learns_and_is_kept_without_running_code(tmp_path: Path) -> None:
    baseline, other = PixelsLogistic(INPUTS, 0), PixelsLogistic(INPUTS, 0)
    baseline.fit(*TRAIN, *VALID)
    labels = ("odd", "sound", "never seen")
    found = baseline.probabilities(TEST[0], labels)
    assert roc_auc_score(TEST[1] == "odd", found[:, 0]) > 0.9
    assert np.allclose(found.sum(axis=1), 1) and (found[:, 2] == 0).all()
    assert baseline.c in baseline.grid and baseline.refit(*TRAIN).c == baseline.c
    save_fitted(tmp_path, "pixels", baseline)
    load_fitted(tmp_path, "pixels", other)
    assert (other.probabilities(TEST[0], labels) == found).all()
    assert not list(tmp_path.glob("*.skops"))


def test_with_one_class_it_is_the_majority() -> None:
    examples, truth = TRAIN
    own = examples.take(np.flatnonzero(truth == "odd"))
    baseline = PixelsLogistic(INPUTS, 0)
    baseline.fit(own, truth[truth == "odd"], own.take(np.empty(0, np.int64)), truth[:0])
    assert (baseline.probabilities(TEST[0], ("odd", "sound"))[:, 0] == 1).all()


def test_the_gaussian_learns_of_sound_ones_alone_and_rejects_few_of_them(tmp_path: Path) -> None:
    baseline, other, blind = (PixelGaussian(INPUTS, 0) for _ in range(3))
    baseline.fit(*TRAIN, *VALID)
    found = baseline.probabilities(TEST[0], ("sound", "odd"))
    odd = TEST[1] == "odd"
    assert roc_auc_score(odd, found[:, 1]) > 0.9
    assert (found[~odd, 1] > 0.5).mean() < 0.15
    sound = np.flatnonzero(TRAIN[1] == "sound")
    blind.fit(TRAIN[0].take(sound), TRAIN[1][sound], *VALID)
    assert np.allclose(blind.probabilities(TEST[0], ("sound", "odd")), found), "odd rows are not looked at"
    save_fitted(tmp_path, "gaussian", baseline)
    load_fitted(tmp_path, "gaussian", other)
    assert (other.probabilities(TEST[0], ("sound", "odd")) == found).all()


@pytest.mark.parametrize("kind", [PixelsLogistic, PixelGaussian])
def test_a_task_without_pictures_is_told_so(kind: type) -> None:
    with pytest.raises(VertikitError, match="reads pictures, and this task has none"):
        kind((Text("text"),), 0)
