"""The shortcut check sees borders, size and metadata, and nothing that a picture shows."""

from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset
from sklearn.metrics import roc_auc_score

from tests.plugins.backbones.pictures.conftest import pictures_of
from vertikit import Group, Image, Label, Sensitive, Text, VertikitError
from vertikit.examples import Examples
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.baselines.picture_frame import PictureFrame

INPUTS = (Image("image"),)
COLUMNS = (*INPUTS, Label("finding"), Sensitive("view"), Group("patient"))
LABELS = ("no", "yes")


def made(rows, seed, *, inside=0, border=0, view=False):
    """Noisy pictures; what is found shows in the middle, at the border, or in the column `view`."""
    rng = np.random.default_rng(seed)
    yes = rng.random(rows) < 0.4
    pixels = rng.normal(120, 20, (rows, 1, 64, 64, 1))
    pixels[yes, :, 24:40, 24:40] += inside
    pixels[yes, :, :4] += border
    pictures = pictures_of(list(pixels.clip(0, 255).astype(np.uint8)))
    seen = np.where(yes == (rng.random(rows) < 0.9), "AP", "PA") if view else rng.choice(["AP", "PA"], rows)
    names = np.full(rows, "", object)
    table = Dataset.from_dict(
        {
            "image": [str(at) for at in range(rows)],
            "view": seen.tolist(),
            "patient": [str(at) for at in range(rows)],
        }
    )
    truth = np.array(LABELS, object)[yes.astype(int)]
    return Examples(table, np.arange(rows), names, names, pictures={"image": pictures}), truth


def judged(**how):
    baseline = PictureFrame(INPUTS, 0, columns=COLUMNS)
    baseline.fit(*made(300, 0, **how), *made(80, 1, **how))
    examples, truth = made(300, 2, **how)
    return roc_auc_score(truth == "yes", baseline.probabilities(examples, LABELS)[:, 1]), baseline


def test_what_shows_in_the_middle_alone_is_not_seen():
    assert judged(inside=25)[0] < 0.72


@pytest.mark.parametrize("how", [{"border": 25}, {"view": True}])
def test_what_borders_or_metadata_give_away_is_seen(how):
    assert judged(**how)[0] > 0.85


def test_names_of_patients_are_no_metadata():
    assert "patient" not in judged(view=True)[1].state().tree["values"]


def test_what_it_learnt_is_kept(tmp_path):
    _, baseline = judged(view=True)
    save_fitted(tmp_path, "frame", baseline)
    other = PictureFrame(INPUTS, 0, columns=COLUMNS)
    load_fitted(tmp_path, "frame", other)
    examples, _ = made(40, 5)
    np.testing.assert_array_equal(
        other.probabilities(examples, LABELS), baseline.probabilities(examples, LABELS)
    )


def test_a_task_without_pictures_is_told():
    with pytest.raises(VertikitError, match="this task has none"):
        PictureFrame((Text("text"),), 0)
