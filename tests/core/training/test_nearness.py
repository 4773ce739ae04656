"""A student drawn to its teacher's features and to how tokens relate to each other."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vertikit
from tests.core.training.test_distilled import student
from vertikit import UsageError
from vertikit.adapt.nearness import Nearness, _Tokens
from vertikit.adapt.taught import Teacher
from vertikit_plugins.backbones.transformer import source
from vertikit_plugins.losses.classification import cross_entropy

TEXTS = ["cough and fever since two days", "itch", "a rash"]


def apart(student_of, teacher_of, texts=TEXTS):
    tokens = _Tokens(student_of, teacher_of)
    batch = student_of.items(texts).collate(np.arange(len(texts)))
    student_of.module(**batch)
    found = tokens.apart(len(texts))
    tokens.close()
    return found


def test_an_encoder_is_not_apart_from_itself_and_is_from_a_cut_one(tiny_encoder):
    one, same = (source(source=str(tiny_encoder)).build() for _ in range(2))
    cut = source(source=str(tiny_encoder), layers=1).build()
    assert apart(one, same).detach().numpy() == pytest.approx([0, 0, 0], abs=2e-7)
    assert (apart(cut, same) > 1e-6).all()


def test_what_pads_a_text_has_no_say_in_it(tiny_encoder):
    whole = source(source=str(tiny_encoder)).build()
    cut = source(source=str(tiny_encoder), layers=1).build()
    together, alone = apart(cut, whole), apart(cut, whole, ["itch"])
    assert float(together[1].detach()) == pytest.approx(float(alone[0].detach()), abs=1e-5)


def test_the_distance_counts_in_training_alone():
    soft = torch.log(torch.tensor([[0.2, 0.8], [0.9, 0.1]], dtype=torch.float64))
    nearness = Nearness(torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]), 2.0, None, 0.0, 2)
    plain = Teacher(soft, np.empty(0, np.int64), True, 0.5, 2.0)
    drawn = Teacher(soft, np.empty(0, np.int64), True, 0.5, 2.0, nearness)
    raw, truth = torch.tensor([[0.3, -0.2], [0.1, 0.4]]), torch.tensor([1, 0])
    loss = plain.loss(cross_entropy(), torch.int64)(raw, plain.targets(truth))
    found = drawn.loss(cross_entropy(), torch.int64)
    targets = drawn.targets(truth)
    assert torch.equal(found(raw, targets), loss)
    said = torch.cat([raw, torch.zeros(2, 3)], dim=1)
    assert (found(said, targets) - loss).tolist() == pytest.approx([2 * 1 / 3, 2 * 4 / 3], abs=1e-5)


@pytest.mark.parametrize("sides", [{"features": 1.0}, {"attention": 5.0}])
def test_a_student_drawn_near_learns_otherwise_and_is_kept_without_its_teacher(
    sides, probe_run, notes, tmp_path, tiny_encoder, monkeypatch
):
    plain = {"backbone": {"name": str(tiny_encoder), "layers": 1}, "epochs": 2}
    near = student(probe_run, notes, tmp_path / "near", sides={"compare": False, **sides}, **plain)
    far = student(probe_run, notes, tmp_path / "far", sides={"compare": False}, **plain)
    both = [run.predict(TEXTS).filter(like="disease.p.").to_numpy() for run in (near, far)]
    assert not np.allclose(*both, atol=1e-6)
    assert near.metrics["epochs"][0]["train_loss"] > far.metrics["epochs"][0]["train_loss"]
    assert set(near.manifest["files"]) == set(far.manifest["files"])
    monkeypatch.setattr("vertikit.training.teaching.load", None)
    again = vertikit.load(near.folder)
    assert again.predict(TEXTS).equals(near.predict(TEXTS))
    assert not [name for name in again.model.state_dict() if "map" in name]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sides": {"attention": 1.0}}, "reads others than the teacher"),
        ({"sides": {"features": 1.0}, "strategy": "frozen"}, "train an encoder"),
    ],
)
def test_what_cannot_be_compared_is_refused(more, said, probe_run, notes, tmp_path):
    with pytest.raises(UsageError, match=said):
        student(probe_run, notes, tmp_path / "run", **more)
