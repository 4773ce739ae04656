from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import Category, Number, UsageError

pytest.importorskip("tabm")
from vertikit_plugins.backbones.table import TableBackbone, mlp, tabm

COLUMNS = (Number("x"), Number("gappy"), Category("kind"))
RANDOM = np.random.default_rng(0)


def values(rows: int = 400, shift: float = 0.0) -> dict[str, np.ndarray]:
    gappy = RANDOM.normal(size=rows)
    gappy[RANDOM.random(rows) < 0.3] = np.nan
    return {
        "x": RANDOM.normal(5 + shift, 2, rows),
        "gappy": gappy,
        "kind": np.array([None if at % 9 == 0 else f"k{at % 5}" for at in range(rows)], object),
    }


TRAIN = values()


def made(kind=tabm, **options) -> TableBackbone:
    torch.manual_seed(0)
    backbone = kind(width=16, embedding=4, bins=8, **options).build()
    backbone.fit(COLUMNS, TRAIN)
    backbone.module.eval()
    return backbone


def answer(backbone: TableBackbone, rows: dict[str, np.ndarray]) -> torch.Tensor:
    items = backbone.items(rows)
    with torch.no_grad():
        return backbone.module(**items.collate(np.arange(len(items.lengths)))).pooled


@pytest.mark.parametrize(("kind", "shape"), [(tabm, (400, 8, 16)), (mlp, (400, 16))])
def test_features_of_rows_are_finite_whatever_is_missing(kind, shape) -> None:
    found = answer(made(kind), TRAIN)
    assert found.shape == shape and torch.isfinite(found).all()


def test_scales_and_bins_are_those_of_training_rows_alone() -> None:
    backbone = made()
    before = {name: each.copy() for name, each in backbone.state().arrays.items()}
    far = backbone.items(values(shift=1000.0))
    after = backbone.state().arrays
    assert all(np.array_equal(before[name], after[name]) for name in before)
    assert backbone.items(TRAIN).numbers[:, 0].mean().abs() < 1e-6
    assert (far.numbers[:, 0] == 20).all()  # as far out as can be, and no farther


@pytest.mark.parametrize("kind", [tabm, mlp])
def test_a_category_that_training_lacks_is_as_one_that_is_missing(kind) -> None:
    backbone = made(kind)
    rows = values(30)
    new, gone = (
        rows | {"kind": np.array(["new"] * 30, object)},
        rows | {"kind": np.array([None] * 30, object)},
    )
    assert torch.equal(answer(backbone, new), answer(backbone, gone))
    assert not torch.equal(
        answer(backbone, gone), answer(backbone, rows | {"kind": np.array(["k1"] * 30, object)})
    )


def test_a_gap_is_told_from_the_mean_where_training_had_gaps() -> None:
    backbone = made()
    rows = values(10)
    mean = np.full(10, backbone.state().arrays["mean"][1])
    there, gone = rows | {"gappy": mean}, rows | {"gappy": np.full(10, np.nan)}
    assert not torch.equal(answer(backbone, there), answer(backbone, gone))
    # x had none: a gap there is as the mean, and nothing fails.
    usual = rows | {"x": np.full(10, backbone.state().arrays["mean"][0])}
    lost = rows | {"x": np.full(10, np.nan)}
    assert torch.allclose(answer(backbone, usual), answer(backbone, lost), atol=1e-5)


def test_a_row_has_the_same_features_in_any_batch() -> None:
    backbone = made()
    items = backbone.items(TRAIN)
    with torch.no_grad():
        alone = torch.cat([backbone.module(**items.collate(np.array([at]))).pooled for at in range(20)])
    assert torch.allclose(alone, answer(backbone, TRAIN)[:20], atol=1e-6)


def test_a_loaded_backbone_with_its_weights_gives_the_same() -> None:
    backbone = made()
    other = tabm(width=16, embedding=4, bins=8).build()
    other.load(backbone.state())
    other.module.load_state_dict(backbone.module.state_dict())
    other.module.eval()
    assert torch.equal(answer(other, TRAIN), answer(backbone, TRAIN))
    assert other.fingerprint == backbone.fingerprint


def test_a_number_of_one_value_and_gaps_is_the_mark_of_a_gap() -> None:
    rows = {"x": np.where(np.arange(50) % 2 == 0, 7.0, np.nan)}
    backbone = tabm(width=8, embedding=2, bins=4).build()
    backbone.fit((Number("x"),), rows)
    found = answer(backbone, rows)
    assert torch.isfinite(found).all() and not torch.equal(found[0], found[1])


def test_nothing_that_varies_or_too_few_rows_is_one_line() -> None:
    with pytest.raises(UsageError, match="finds nothing to learn from: 50 training rows, 0 numbers"):
        tabm().build().fit((Number("x"),), {"x": np.ones(50)})
    with pytest.raises(UsageError, match="finds nothing to learn from: 5 training rows"):
        tabm().build().fit(COLUMNS, values(5))
    with pytest.raises(UsageError, match=r"backbone\.width: 0"):
        mlp(width=0)


def test_an_epoch_lowers_the_loss_of_each_member() -> None:
    backbone = made()
    items = backbone.items(TRAIN)
    target = torch.from_numpy((TRAIN["x"] > 5).astype(np.int64))
    head = torch.nn.Linear(16, 2)
    optimiser = torch.optim.AdamW([*backbone.module.parameters(), *head.parameters()], lr=1e-2)
    losses = []
    for _ in range(30):
        raw = head(backbone.module(**items.collate(np.arange(400))).pooled)
        loss = torch.nn.functional.cross_entropy(raw.flatten(0, 1), target.repeat_interleave(8))
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
    assert losses[-1] < 0.3 < losses[0]
