"""Pretrained forecasters of Transformers by folder or Hub id, on tiny checkpoints made here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

import vertikit
from tests.core.forecasting.series import RESHAPE
from vertikit import UsageError
from vertikit_plugins.backbones.foundation_modules import at_levels


@pytest.fixture(scope="session")
def timesfm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A TimesFM of one layer that foretells 8 steps at a time."""
    from transformers import TimesFmConfig, TimesFmModelForPrediction

    torch.manual_seed(0)
    config = TimesFmConfig(
        num_hidden_layers=1, hidden_size=16, intermediate_size=16, head_dim=8, num_attention_heads=2,
        patch_length=8, context_length=48, horizon_length=8,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny-timesfm")
    TimesFmModelForPrediction(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def timesfm2(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same of TimesFM 2.5."""
    from transformers import TimesFm2_5Config, TimesFm2_5ModelForPrediction

    torch.manual_seed(0)
    config = TimesFm2_5Config(
        num_hidden_layers=1, hidden_size=16, intermediate_size=16, head_dim=8, num_attention_heads=2,
        num_key_value_heads=2, patch_length=8, context_length=64, horizon_length=8, output_quantile_len=16,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny-timesfm2")
    TimesFm2_5ModelForPrediction(config).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def mixer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PatchTSMixer, which gives a number a step."""
    from transformers import PatchTSMixerConfig, PatchTSMixerForPrediction

    torch.manual_seed(0)
    config = PatchTSMixerConfig(
        context_length=48, prediction_length=12, num_input_channels=1, patch_length=8, patch_stride=8, d_model=8,
        num_layers=1,
    )  # fmt: skip
    folder = tmp_path_factory.mktemp("tiny-mixer")
    PatchTSMixerForPrediction(config).save_pretrained(folder)
    return folder


def trained(folder: Path, data: pd.DataFrame, output: Path, **recipe: Any) -> vertikit.Run:
    asked = {
        "backbone": str(folder), "strategy": "frozen", "head": "zero-shot", "reshape": RESHAPE,
        "baselines": ["seasonal-naive"], "evaluation": {"bootstrap": 0},
    }  # fmt: skip
    return vertikit.train("town/load", data, output=output, progress=False, **{**asked, **recipe})


@pytest.mark.parametrize("kind", ["timesfm", "timesfm2", "mixer"])
def test_a_pretrained_forecaster_answers_as_it_is(
    kind: str,
    rows: pd.DataFrame,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    run = trained(request.getfixturevalue(kind), rows, tmp_path / kind)
    assert run.metrics["cost"]["trainable"] == 0 or run.recipe.strategy.name == "frozen"
    table = vertikit.load(run.folder).predict(rows)
    assert len(table) == 24 and table["load"].notna().all()
    levels = [f"load.q{each}0" for each in range(1, 10)]
    assert (np.diff(table[levels].to_numpy(), axis=1) >= -1e-9).all()
    alone = run.predict(rows[rows["series"] == "b"])
    assert np.allclose(alone["load"], table["load"][12:], rtol=1e-4)


@pytest.mark.slow
def test_a_head_learns_from_what_a_frozen_forecaster_says(
    timesfm: Path,
    rows: pd.DataFrame,
    tmp_path: Path,
) -> None:
    plain = trained(timesfm, rows, tmp_path / "plain")
    taught = trained(timesfm, rows, tmp_path / "taught", head="quantiles", epochs=3)
    assert taught.metrics["test"]["mase"]["value"] < plain.metrics["test"]["mase"]["value"]


def test_the_answers_are_those_of_transformers_itself(timesfm: Path) -> None:
    from transformers import TimesFmModelForPrediction

    from vertikit_plugins.backbones.foundation_modules import Foretold

    model = TimesFmModelForPrediction.from_pretrained(timesfm).eval()
    module = Foretold(model, "timesfm", 8, (0.1, 0.5, 0.9)).eval()
    past = torch.randn(3, 1, 48)
    with torch.no_grad():
        found = module(readings=past, known=torch.ones(3, 1, 48), lengths=torch.full((3,), 48)).pooled.view(
            3, 8, 3
        )
        wanted = model(past_values=list(past[:, 0])).full_predictions[:, :, 1:].sort(dim=2).values
    assert torch.allclose(found, wanted[:, :, [0, 4, 8]], atol=1e-5)


def test_levels_between_those_of_a_model_are_read_off_by_straight_lines() -> None:
    known = torch.tensor([[0.0, 10.0, 20.0]])
    found = at_levels(known, (0.1, 0.5, 0.9), (0.05, 0.3, 0.5, 0.95))
    assert found.tolist() == [[0.0, pytest.approx(5.0), 10.0, 20.0]]


def test_a_folder_of_another_kind_of_model_is_refused(
    tiny_encoder: Path,
    rows: pd.DataFrame,
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="is of kind 'bert', which foretells no series here"):
        trained(tiny_encoder, rows, tmp_path / "no")


def test_a_context_that_a_model_was_not_made_for_is_refused(
    mixer: Path,
    rows: pd.DataFrame,
    tmp_path: Path,
) -> None:
    with pytest.raises(UsageError, match="reads contexts of 48 steps, and these have 36"):
        trained(mixer, rows, tmp_path / "no", reshape={**RESHAPE, "context": 36})


def test_a_hub_id_that_cannot_be_had_says_what_to_type(rows: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not in the Hub cache"):
        trained(Path("nobody-here/no-such-forecaster"), rows, tmp_path / "no")


def test_a_zero_shot_head_needs_a_forecaster(rows: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="takes 12 steps at 9 levels as they are"):
        trained(Path("dlinear"), rows, tmp_path / "no")
