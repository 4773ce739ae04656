"""Forecasters: what they read, and that it is the past alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.adapt.series_values import SeriesValues, series_values
from vertikit.prepare.prepared import Prepared
from vertikit_plugins.backbones import forecasters

SMALL: dict[str, dict[str, Any]] = {
    "dlinear": {},
    "gru": {"width": 8},
    "patchtst": {"width": 8, "layers": 1, "patch": 8, "stride": 4},
}


def values(data: Prepared) -> SeriesValues:
    return series_values(data.task.inputs[:1] + data.task.inputs[-1:], data.examples)


def fitted(name: str, data: Prepared, **options: Any) -> Any:
    torch.manual_seed(0)
    backbone = getattr(forecasters, name)(**SMALL[name], **options).build()
    backbone.fit(data.task.inputs, series_values(data.task.inputs[:1] + data.task.inputs[-1:], data.examples))
    backbone.module.eval()
    return backbone


def altered(data: Prepared, change: Any) -> SeriesValues:
    """The same windows of other readings."""
    own = values(data)
    readings = np.array(own.windows.readings)
    change(readings, own.windows)
    return SeriesValues(replace(own.windows, readings=readings), own.names)


@pytest.mark.parametrize("name", sorted(SMALL))
def test_nothing_after_the_origin_is_read_but_what_is_known_ahead(name: str, two: Prepared) -> None:
    backbone = fitted(name, two)
    at = np.array([40])

    def later(readings: Any, windows: Any) -> None:
        readings[windows.stop[40] :, 0] += 1_000

    plain, other = (backbone.items(each).collate(at) for each in (values(two), altered(two, later)))
    assert all(torch.equal(plain[key], other[key]) for key in plain)

    def known(readings: Any, windows: Any) -> None:
        readings[windows.stop[40] :, 1] += 1_000

    other = backbone.items(altered(two, known)).collate(at)
    assert not torch.equal(plain["ahead"], other["ahead"])
    assert torch.equal(plain["readings"], other["readings"])


@pytest.mark.parametrize("name", sorted(SMALL))
def test_features_are_the_same_in_any_batch_and_after_saving(name: str, two: Prepared) -> None:
    backbone = fitted(name, two)
    items = backbone.items(values(two))
    alone = backbone.module(**items.collate(np.array([7])))
    together = backbone.module(**items.collate(np.array([100, 7, 3])))
    assert torch.allclose(alone.pooled[0], together.pooled[1], atol=1e-5)
    assert alone.pooled.shape == (1, backbone.info.width) and alone.tokens.shape[:2] == (1, 12)
    again = getattr(forecasters, name)(**SMALL[name]).build()
    again.load(backbone.state())
    again.module.load_state_dict(backbone.module.state_dict())
    again.module.eval()
    assert torch.equal(again.module(**again.items(values(two)).collate(np.array([7]))).pooled, alone.pooled)
    assert again.fingerprint == backbone.fingerprint


def test_a_window_is_read_on_its_own_scale(two: Prepared) -> None:
    items = fitted("dlinear", two).items(values(two))
    names = values(two).windows.ahead.series  # type: ignore[union-attr]
    large, small = (np.flatnonzero(names == each)[:1] for each in ("b", "a"))
    batch = items.collate(np.concatenate([large, small]))
    assert batch["readings"][:, 0].abs().max() < 4
    assert batch["scale"][0, 0] > 50 * batch["scale"][1, 0]


@pytest.mark.parametrize("normalise", ["last", "series"])
def test_windows_may_be_put_at_their_last_reading_or_on_their_series(two: Prepared, normalise: str) -> None:
    own = values(two)
    batch = fitted("dlinear", two, normalise=normalise).items(own).collate(np.array([0]))
    last = float(own.windows.readings[own.windows.stop[0] - 1, 0])
    assert (float(batch["scale"][0, 0]) == pytest.approx(last, rel=1e-5)) == (normalise == "last")


def test_gaps_are_closed_by_the_reading_before_them(two: Prepared) -> None:
    own = values(two)
    at = int(np.flatnonzero((own.windows.start < 200) & (own.windows.stop > 206))[0])
    batch = fitted("dlinear", two).items(own).collate(np.array([at]))
    assert bool(torch.isfinite(batch["readings"]).all()) and int((batch["known"] == 0).sum()) > 0
    place = 200 - int(own.windows.start[at])
    assert batch["readings"][0, 0, place] == batch["readings"][0, 0, place - 1]


def test_masked_patches_pretrain_a_forecaster(two: Prepared) -> None:
    backbone = fitted("patchtst", two)
    pretext = backbone.pretext("masked-patches")
    batch = backbone.items(values(two)).collate(np.arange(6))
    kept = {key: batch[key] for key in ("readings", "known", "lengths")}
    losses = pretext(backbone.module, kept)
    losses.sum().backward()
    assert losses.shape == (6,) and any(
        each.grad is not None and bool(each.grad.any()) for each in backbone.module.trunk.parameters()
    )


def test_a_recurrent_forecaster_reads_the_past_of_other_columns(two: Prepared) -> None:
    own = values(two)
    assert own.windows.ahead is not None
    unknown = replace(own.windows, ahead=replace(own.windows.ahead, known=()))
    seen = SeriesValues(unknown, own.names)
    backbone = forecasters.gru(width=8).build()
    backbone.fit(two.task.inputs, seen)
    assert backbone.items(seen).collate(np.array([0]))["readings"].shape[1] == 2


def test_lags_can_be_left_out_and_wrong_ones_are_refused(two: Prepared) -> None:
    batch = fitted("dlinear", two, lags=[]).items(values(two)).collate(np.array([0]))
    assert batch["ahead"].shape[2] == 2  # the temperature, and whether it is known
    with pytest.raises(UsageError, match=r"backbone\.lags: 0"):
        forecasters.dlinear(lags=[0])
