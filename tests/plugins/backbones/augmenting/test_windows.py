"""Windows that training sees altered, each within its own length."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit_plugins.backbones.augmenting.windows import WindowAugmentation


def batch(lengths=(20, 12), sensors=2):
    readings = torch.zeros(len(lengths), sensors, max(lengths))
    known = torch.zeros_like(readings)
    for at, length in enumerate(lengths):
        readings[at, :, :length] = torch.arange(1, length + 1)
        known[at, :, :length] = 1
    known[0, 1, 4] = readings[0, 1, 4] = 0
    return readings, known, torch.tensor(lengths)


def altered(ways, epoch=0, which=(0, 1)):
    readings, known, lengths = batch()
    at = list(which)
    keys = [(0, epoch, item) for item in at]
    return WindowAugmentation(ways).alter(readings[at], known[at], lengths[at], keys)


ALL = {"jitter": 0.1, "scale": 0.2, "shift": 0.2, "mask": 0.2}


def test_an_altered_window_depends_on_its_key_alone_and_the_batch_is_left():
    one, seen = altered(ALL)
    alone, own = altered(ALL, which=(1,))
    assert torch.equal(one[1], alone[0]) and torch.equal(seen[1], own[0])
    assert not torch.equal(altered(ALL, epoch=1)[0], one)
    readings, known, lengths = batch()
    WindowAugmentation(ALL).alter(readings, known, lengths, [(0, 0, 0), (0, 0, 1)])
    assert torch.equal(readings, batch()[0]) and torch.equal(known, batch()[1])


def test_what_is_beyond_a_window_and_what_is_not_known_stays_so():
    for epoch in range(20):
        found, known = altered(ALL, epoch)
        assert (found[1, :, 12:] == 0).all() and (known[1, :, 12:] == 0).all()
        assert (found[known == 0] == 0).all()


def test_a_shift_moves_all_sensors_alike_and_what_comes_in_is_not_known():
    steps = set()
    for epoch in range(30):
        found, known = altered({"shift": 0.3}, epoch)
        inside = found[0, 0][known[0, 0] == 1]
        moved = int((known[0, 0] == 0).sum())
        assert torch.equal(inside.diff(), torch.ones(len(inside) - 1))
        forward = bool(moved) and bool(known[0, 0, 0] == 0)
        assert inside[0] == (1 if forward or not moved else 1 + moved)
        assert moved <= 6
        steps.add(moved if forward else -moved)
    assert min(steps) < 0 < max(steps)


def test_a_stretch_of_the_share_asked_for_is_hidden_of_all_sensors():
    places = set()
    for epoch in range(30):
        found, known = altered({"mask": 0.25}, epoch)
        gone = torch.nonzero(known[0, 0] == 0)[:, 0]
        assert len(gone) == 5 and gone[-1] - gone[0] == 4
        assert (found[0, :, gone] == 0).all()
        assert int((known[1, 0, :12] == 0).sum()) == 3
        places.add(int(gone[0]))
    assert len(places) > 5


def test_scale_is_a_factor_for_each_sensor_and_jitter_has_the_spread_asked_for():
    found, _ = altered({"scale": 0.3})
    factors = found[0, :, 0]
    assert torch.allclose(found[0, 0], factors[0] * batch()[0][0, 0])
    assert factors[0] != factors[1] and ((factors - 1).abs() <= 0.3).all()
    readings, known = torch.zeros(1, 1, 5000), torch.ones(1, 1, 5000)
    noisy, _ = WindowAugmentation({"jitter": 0.4}).alter(readings, known, torch.tensor([5000]), [(0, 0, 0)])
    assert noisy.std().item() == pytest.approx(0.4, rel=0.05)


@pytest.mark.parametrize("kind", ["resnet1d", "gru", "patchtst"])
def test_backbones_take_altered_windows_and_predict_on_plain_ones(kind):
    from tests.plugins.backbones.test_series import built, values
    from vertikit_plugins.backbones import series

    made = values(lengths=(24, 7, 90, 33))
    backbone = built(getattr(series, kind), made, augment=ALL)
    plain = built(getattr(series, kind), made)
    every = np.arange(4)
    items = backbone.items(made)
    assert backbone.alters and not plain.alters
    assert backbone.fingerprint == plain.fingerprint
    assert torch.equal(items.collate(every)["readings"], plain.items(made).collate(every)["readings"])
    seen = items.augmented(every, 0, 0)
    assert not torch.equal(seen["readings"], items.collate(every)["readings"])
    assert torch.isfinite(backbone.module(**seen).pooled).all()
    assert torch.equal(plain.items(made).augmented(every, 0, 0)["readings"], items.collate(every)["readings"])
