"""Training sees altered examples; validation, test and prediction do not; and where it has no effect, that is said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import vertikit
from vertikit_plugins.backbones.windows import TextItems

OURS = {"strategy": "lora", "epochs": 2, "blend": None, "baselines": ["majority"]}
WAYS = {"delete": 0.2, "swap": 0.2, "cutoff": 0.2}


def trained(notes, quick, output, **more):
    settings = {**quick, **OURS, "progress": False, **more}
    return vertikit.train("medical/diagnosis", notes, map={"id": "note_id"}, output=output, **settings)


@pytest.fixture
def watched(monkeypatch):
    """The items that are altered, and those that are read as they are, by position."""
    altered, plain = set(), set()
    one, other = TextItems.augmented, TextItems.collate

    def augmented(self, indices, epoch, seed):
        altered.update(int(each) for each in indices)
        return one(self, indices, epoch, seed)

    def collate(self, indices):
        plain.update(int(each) for each in indices)
        return other(self, indices)

    monkeypatch.setattr(TextItems, "augmented", augmented)
    monkeypatch.setattr(TextItems, "collate", collate)
    return altered, plain


def test_rows_of_validation_and_test_are_never_altered(watched, notes, quick, tiny_encoder, tmp_path):
    backbone = {"name": str(tiny_encoder), "augment": WAYS}
    run = trained(notes, quick, tmp_path / "run", backbone=backbone, refit="never")
    altered, plain = watched
    rows = run.metrics["rows"]
    assert len(altered) == rows["train"]
    assert len(plain - altered) >= rows["valid"] + rows["test"]


def test_it_changes_what_is_learnt_repeats_and_leaves_how_a_run_predicts(
    notes, quick, tiny_encoder, tmp_path
):
    def weights(name, augment):
        run = trained(
            notes, quick, tmp_path / name, backbone={"name": str(tiny_encoder), "augment": augment}
        )  # fmt: skip
        return run, {key: value.clone() for key, value in run.model.state_dict().items()}

    run, one = weights("one", WAYS)
    _, again = weights("again", WAYS)
    _, plain = weights("plain", None)
    assert all(torch.equal(one[key], again[key]) for key in one)
    assert any(not torch.equal(one[key], plain[key]) for key in one)
    texts = [f"cough and fever since {at} days" for at in range(5)]
    told = vertikit.load(run.folder).predict(texts)
    columns = [name for name in told if str(name).startswith("disease.p.")]
    assert np.array_equal(told[columns], run.predict(texts)[columns])
    assert not any("augment" in each for each in run.metrics["warnings"])


def test_under_a_frozen_encoder_it_is_said_that_it_has_no_effect(
    notes, quick, tiny_encoder, tmp_path, capsys
):
    run = trained(
        notes, quick, tmp_path / "run", strategy="probe", progress=True,
        backbone={"name": str(tiny_encoder), "augment": WAYS},
    )  # fmt: skip
    assert "backbone.augment has no effect" in capsys.readouterr().err
    assert sum("augment has no effect" in each for each in run.metrics["warnings"]) == 1


def test_cells_for_other_rows_come_from_the_rows_of_each_fit_alone(tmp_path, monkeypatch):
    pytest.importorskip("tabm")
    from vertikit_plugins.backbones.table import TableItems

    fits = []  # of each: the rows that cells may come from, and the rows that were altered
    draw_from, augmented = TableItems.draw_from, TableItems.augmented

    def begin(self, train):
        fits.append((set(train.tolist()), set()))
        draw_from(self, train)

    def watch(self, indices, epoch, seed):
        fits[-1][1].update(np.asarray(indices).tolist())
        return augmented(self, indices, epoch, seed)

    monkeypatch.setattr(TableItems, "draw_from", begin)
    monkeypatch.setattr(TableItems, "augmented", watch)
    random = np.random.default_rng(0)
    rows = pd.DataFrame(
        {"time": pd.date_range("2026-01-01", periods=400, freq="h").astype(str), "card": random.integers(0, 40, 400),
         "amount": random.gamma(2, 50, 400).round(2)}
    )  # fmt: skip
    rows["fraud"] = (rows["amount"] + random.normal(0, 20, 400) > 150).astype(int)
    rows.to_csv(tmp_path / "rows.csv", index=False)
    run = vertikit.train(
        "finance/fraud", tmp_path / "rows.csv", output=tmp_path / "run", progress=False, epochs=2, experts=[],
        backbone={"name": "mlp", "augment": {"exchange": 0.3, "noise": 0.1}}, blend=None, baselines=["majority"],
        refit="never", evaluation={"bootstrap": 10},
    )  # fmt: skip
    # The validation part is small, so that fits are out of fold.
    assert len({frozenset(own) for own, _ in fits}) > 2
    assert all(own == altered for own, altered in fits)
    rows = run.metrics["rows"]
    assert len(set.union(*(own for own, _ in fits))) == rows["train"] + rows["valid"]
