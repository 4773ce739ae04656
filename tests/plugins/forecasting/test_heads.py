"""Heads and losses of forecasts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import Features
from vertikit.outcome.forecast import Forecast
from vertikit_plugins.backbones.forecast_modules import STEP_WIDTH
from vertikit_plugins.heads.forecast import PointHead, QuantileHead
from vertikit_plugins.losses.forecast import pinball, steps_mae, steps_mse

FORECAST = Forecast(levels=(0.1, 0.25, 0.5, 0.9), horizon=3)


def features(rows: int, width: int = 8, scale: list[float] | None = None) -> Features:
    own = torch.tensor(scale or [0.0, 1.0, 1.0]).expand(rows, 3)
    return Features(torch.randn(rows, width), torch.randn(rows, 3, STEP_WIDTH), scale=own)


def shaken(head: torch.nn.Module) -> None:
    """Weights that no training would give."""
    with torch.no_grad():
        for each in head.parameters():
            each.normal_(std=3.0)


def test_quantiles_never_cross_whatever_the_weights() -> None:
    torch.manual_seed(0)
    head = QuantileHead(8, FORECAST)
    shaken(head)
    raw = head(features(50, scale=[100.0, 7.0, 1.0])).detach().double().numpy()
    found = head.forecasts(raw).reshape(50, 3, 4)
    assert (np.diff(found, axis=2) >= 0).all() and np.ptp(found) > 100


def test_answers_are_put_back_on_the_scale_of_their_window() -> None:
    torch.manual_seed(0)
    head = QuantileHead(8, FORECAST)
    shaken(head)
    seen = features(5)
    plain = head.forecasts(head(seen).detach().double().numpy())
    seen.scale = torch.tensor([40.0, 3.0, 9.0]).expand(5, 3)
    assert np.allclose(head.forecasts(head(seen).detach().double().numpy()), plain * 3 + 40, atol=1e-4)


def test_the_quantile_loss_is_least_at_the_quantiles() -> None:
    torch.manual_seed(0)
    head, loss = QuantileHead(4, FORECAST), pinball()
    truth = torch.randn(4_000, 3) * 2 + 5
    seen = Features(torch.zeros(4_000, 4), scale=torch.tensor([5.0, 2.0, 2.0]).expand(4_000, 3))
    optimiser = torch.optim.Adam(head.parameters(), 0.05)
    for _ in range(150):
        optimiser.zero_grad()
        loss(head(seen), truth).mean().backward()
        optimiser.step()
    found = head.forecasts(head(seen).detach().double().numpy())[0].reshape(3, 4)
    wanted = np.quantile(truth.numpy(), FORECAST.levels, axis=0).T
    assert np.abs(found - wanted).max() < 0.25


def test_missing_steps_have_no_say_in_any_loss() -> None:
    torch.manual_seed(0)
    head = QuantileHead(8, FORECAST)
    shaken(head)
    raw = head(features(4))
    truth = torch.randn(4, 3)
    truth[:, 1] = float("nan")
    for loss in (pinball(), steps_mse(), steps_mae()):
        values = loss(raw, truth)
        assert values.shape == (4,) and bool(torch.isfinite(values).all())
        (slope,) = torch.autograd.grad(values.sum(), raw, retain_graph=True)
        assert bool(torch.isfinite(slope).all())
        # Four quantiles a step: those of the step that is missing get no gradient.
        assert not slope[:, 4:8].any() and slope[:, :4].any()


def test_errors_count_in_deviations_of_their_series() -> None:
    raw = torch.cat([torch.zeros(1, 3), torch.tensor([[0.0, 10.0, 1000.0, 0.5]])], dim=1)
    assert steps_mse()(raw, torch.full((1, 3), 500.0)).item() == pytest.approx(0.25)


def test_a_point_head_gives_a_number_a_step_and_the_deviation_of_the_series() -> None:
    head = PointHead(8, FORECAST)
    raw = head(features(2, scale=[3.0, 2.0, 7.0])).detach().double().numpy()
    assert np.allclose(head.forecasts(raw), [[3.0, 3.0, 3.0, 7.0]] * 2)


def test_outputs_that_do_not_fit_the_steps_are_refused() -> None:
    with pytest.raises(ValueError, match="do not fit steps"):
        pinball()(torch.zeros(2, 9), torch.zeros(2, 3))


def test_quantiles_need_more_than_the_median() -> None:
    with pytest.raises(UsageError, match="needs levels beside"):
        QuantileHead(8, Forecast(levels=(0.5,), horizon=3))
