"""Backbones of windows: shapes, gaps, lengths, the same window in any company, save and load, and learning at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import Series, UsageError
from vertikit.adapt.series_values import SeriesValues
from vertikit.windows import Windows
from vertikit_plugins.backbones.series import gru, patchtst, resnet1d

NAMES = ("a", "b", "still")
KINDS = pytest.mark.parametrize("kind", [resnet1d, gru, patchtst])


def values(lengths=(24, 24, 24, 24), gaps=0.1, seed=0):
    random = np.random.default_rng(seed)
    readings = random.normal([100.0, -3.0, 0.0], [10.0, 0.1, 0.0], size=(400, 3))
    readings[random.random(readings.shape) < gaps] = np.nan
    start = np.arange(len(lengths)) * 20
    stop = start + np.array(lengths)
    return SeriesValues(Windows(readings, NAMES, start, stop, stop), NAMES)


def built(kind, made, **settings):
    torch.manual_seed(0)
    backbone = kind(width=16, **settings).build()
    backbone.fit(tuple(Series(name) for name in NAMES), made)
    backbone.module.eval()
    return backbone


def features(backbone, made, indices=None):
    items = backbone.items(made)
    every = np.arange(len(made)) if indices is None else np.asarray(indices)
    with torch.no_grad():
        return backbone.module(**items.collate(every)).pooled.numpy()


@KINDS
def test_a_window_of_several_sensors_with_gaps_becomes_features(kind):
    made = values()
    found = features(built(kind, made), made)
    assert found.shape == (4, 16)
    assert np.isfinite(found).all()
    assert len(np.unique(found, axis=0)) == 4


@KINDS
def test_a_window_has_the_same_features_in_any_company(kind):
    made = values(lengths=(24, 7, 90, 33, 2, 64))
    backbone = built(kind, made)
    together = features(backbone, made)
    for at in range(6):
        np.testing.assert_allclose(features(backbone, made, [at])[0], together[at], atol=1e-5)


@KINDS
def test_what_was_learnt_is_read_back_and_gives_the_same_features(kind):
    made = values(lengths=(24, 7, 40, 33))
    backbone = built(kind, made)
    other = kind(width=16).build()
    other.load(backbone.state())
    other.module.load_state_dict(backbone.module.state_dict())
    other.module.eval()
    assert np.array_equal(features(other, made), features(backbone, made))
    assert other.fingerprint == backbone.fingerprint


@KINDS
def test_scales_come_from_training_windows_and_from_no_others(kind):
    made = values(gaps=0.0)
    made.windows.readings[200:] *= 1000
    backbone = built(kind, made)
    items = backbone.items(made).collate(np.arange(4))
    assert abs(float(items["readings"].mean())) < 0.1
    assert float(items["readings"].std()) == pytest.approx(1.0, abs=0.1)
    assert items["readings"].shape[1] == 2  # a sensor that never varies is left out


@KINDS
def test_a_window_that_is_all_gaps_has_features_all_the_same(kind):
    made = values(gaps=0.0)
    made.windows.readings[40:64] = np.nan
    assert np.isfinite(features(built(kind, made), made)).all()


@KINDS
def test_of_a_window_longer_than_any_in_training_the_end_is_read_and_the_rest_is_counted(kind):
    short = values(lengths=(32, 32))
    backbone = built(kind, short)
    long = SeriesValues(
        Windows(short.windows.readings, NAMES, np.array([0]), np.array([64]), np.array([64])), NAMES
    )
    end = SeriesValues(
        Windows(short.windows.readings, NAMES, np.array([32]), np.array([64]), np.array([64])), NAMES
    )
    assert np.array_equal(features(backbone, long), features(backbone, end))
    assert backbone.items(long).left_out.tolist() == [2]


@KINDS
def test_on_its_own_scale_a_window_does_not_know_its_level(kind):
    made = values(gaps=0.0)
    backbone = built(kind, made, normalise="window")
    before = features(backbone, made)
    made.windows.readings[:] = made.windows.readings * 3 + 7
    np.testing.assert_allclose(features(backbone, made), before, atol=1e-4)


@KINDS
def test_it_learns_to_tell_a_tone_from_noise(kind):
    random = np.random.default_rng(0)
    count, size = 60, 48
    truth = np.arange(count) % 2
    tone = np.sin(np.arange(size) * 0.7 + random.uniform(0, 6, (count, 1)))
    readings = np.where(truth[:, None] == 1, tone, random.normal(0, 0.7, (count, size))).reshape(-1, 1)
    start = np.arange(count) * size
    made = SeriesValues(Windows(readings, ("a",), start, start + size, start + size), ("a",))
    torch.manual_seed(0)
    backbone = kind(width=16, dropout=0.0).build()
    backbone.fit((Series("a"),), made)
    batch = backbone.items(made).collate(np.arange(count))
    head = torch.nn.Linear(16, 2)
    optimiser = torch.optim.Adam([*backbone.module.parameters(), *head.parameters()], lr=5e-3)
    backbone.module.train()
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(
            head(backbone.module(**batch).pooled), torch.from_numpy(truth)
        )
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert float(loss.detach()) < 0.2


def test_sensors_that_never_vary_leave_nothing_to_learn():
    made = values()
    still = SeriesValues(made.windows, ("still",))
    with pytest.raises(UsageError, match="no sensor varies"):
        resnet1d().build().fit((Series("still"),), still)


def test_settings_that_make_no_sense_are_refused():
    with pytest.raises(UsageError, match="even"):
        resnet1d(kernel=4)
    with pytest.raises(UsageError, match="dropout"):
        gru(dropout=1.0)
    with pytest.raises(UsageError, match="width"):
        patchtst(width=0)
