"""Where memory runs out: smaller batches, the same answers; one clear line where not even one example fits."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vertikit
from vertikit import VertikitError
from vertikit.adapt import fits
from vertikit.adapt.memory import bytes_per_token, halved, in_pieces, ran_out, tokens_that_fit
from vertikit.adapt.model import Model
from vertikit.recipe.model import Batch
from vertikit_plugins.backbones.transformer import source
from vertikit_plugins.heads.softmax import SoftmaxHead

OURS = {"strategy": "lora", "epochs": 2, "blend": None, "baselines": ["majority"]}


def trained(notes, quick, output, **more):
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=output, **{**quick, **OURS, **more}
    )


def weights(run):
    return {name: value.clone() for name, value in run.model.state_dict().items()}


@pytest.fixture
def scarce(monkeypatch):
    """Steps of more than eight rows run out of memory."""
    plain, tried = fits.train_model, []

    def train_model(*arguments, **named):
        rows = arguments[3].batch.rows
        tried.append(rows)
        if rows > 8:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
        return plain(*arguments, **named)

    monkeypatch.setattr(fits, "train_model", train_model)
    return tried


def test_batches_are_halved_until_they_fit_and_the_result_is_that_of_these_batches(
    scarce, notes, quick, tmp_path, capsys
):
    run = trained(notes, quick, tmp_path / "scarce", batch={"rows": 32, "tokens": 2048})
    assert scarce == [32, 16, 8]
    said = capsys.readouterr().err
    assert (
        "memory ran out: training anew with batches of 8 rows and 512 tokens at most, 4 of them a step"
        in said
    )
    assert run.metrics["cost"]["batch"] == {"rows": 8, "tokens": 512, "accumulate": 4}
    assert any("too little memory" in each for each in run.metrics["warnings"])
    by_hand = trained(
        notes, quick, tmp_path / "by-hand", progress=False, batch={"rows": 8, "tokens": 512, "accumulate": 4}
    )
    assert "batch" not in by_hand.metrics["cost"]
    one, other = weights(run), weights(by_hand)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_what_is_no_lack_of_memory_is_not_tried_again(monkeypatch, notes, quick, tmp_path):
    def broken(*_, **__):
        raise RuntimeError("shapes do not fit")

    monkeypatch.setattr(fits, "train_model", broken)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        trained(notes, quick, tmp_path / "run", progress=False)


def test_where_not_even_one_example_fits_it_is_said_in_one_line(monkeypatch, notes, quick, tmp_path):
    def never(*_, **__):
        raise RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(fits, "train_model", never)
    with pytest.raises(VertikitError, match="ran out on batches of a single example"):
        trained(notes, quick, tmp_path / "run", progress=False)


def test_on_a_processor_batches_are_lowered_before_training_to_what_the_free_memory_takes(
    monkeypatch, notes, quick, tmp_path, capsys
):
    monkeypatch.setattr(fits, "tokens_that_fit", lambda _: 300)
    run = trained(notes, quick, tmp_path / "run", batch={"rows": 32, "tokens": 1024})
    assert run.metrics["cost"]["batch"] == {"rows": 8, "tokens": 256, "accumulate": 4}
    assert "memory: what is free takes 300 tokens of a batch" in capsys.readouterr().err


def test_looking_at_what_a_token_takes_leaves_the_random_state_and_the_model_alone(tiny_encoder):
    backbone = source(source=str(tiny_encoder)).build()
    model = Model({"text": backbone}, {"disease": SoftmaxHead(width=16, labels=("a", "b"))})
    texts = ["cough and fever since two days", "itch", "pain in the chest and a cough at night"]
    items = {"text": backbone.items(texts)}
    torch.manual_seed(3)
    before, state = torch.get_rng_state(), {name: value.clone() for name, value in model.state_dict().items()}
    each = bytes_per_token(model, items, np.arange(3), "disease")
    assert torch.equal(torch.get_rng_state(), before)
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in state.items())
    # Two layers of width 16 keep at the least their inputs, twice the width of the unit, and the attention's three.
    assert 4 * 16 * 2 * 5 < each < 100_000
    assert tokens_that_fit(each) > 1000
    backbone.module.requires_grad_(False)
    assert bytes_per_token(model, items, np.arange(3), "disease") < each / 5


def test_answers_come_in_halves_where_memory_runs_out_and_are_the_same():
    def run(batch):
        if len(batch) > 3:
            raise MemoryError
        return batch * 2

    found = list(in_pieces(np.arange(10), run))
    assert np.concatenate([piece for piece, _ in found]).tolist() == list(range(10))
    assert np.concatenate([each for _, each in found]).tolist() == [2 * at for at in range(10)]
    assert max(len(piece) for piece, _ in found) == 3

    def never(_):
        raise MemoryError

    with pytest.raises(VertikitError, match="a single example"):
        list(in_pieces(np.arange(4), never))

    def broken(_):
        raise RuntimeError("shapes")

    with pytest.raises(RuntimeError, match="shapes"):
        list(in_pieces(np.arange(4), broken))


def test_predictions_do_not_depend_on_where_memory_ran_out(monkeypatch, probe_run):
    texts = [f"cough and fever since {at} days" for at in range(40)]
    whole = probe_run.predict(texts)
    module = next(iter(probe_run.parts.assembled.backbones.values())).module
    plain = type(module).forward

    def forward(self, **batch):
        if len(batch["input_ids"]) > 7:
            raise torch.OutOfMemoryError("out of memory")
        return plain(self, **batch)

    monkeypatch.setattr(type(module), "forward", forward)
    again = probe_run.predict(texts)
    assert (again["disease"] == whole["disease"]).all()
    columns = [name for name in whole if str(name).startswith("disease.p.")]
    assert np.abs(again[columns].to_numpy() - whole[columns].to_numpy()).max() < 1e-5


def test_half_of_a_batch_is_twice_the_batches_a_step_down_to_one_example():
    batch, seen = Batch(rows=32, tokens=4096), []
    while batch is not None:
        seen.append((batch.rows, batch.tokens, batch.accumulate))
        batch = halved(batch, longest=40)
    assert seen[:3] == [(32, 4096, 1), (16, 2048, 2), (8, 1024, 4)]
    assert seen[-1][0] == 1
    assert halved(Batch(rows=32, tokens=64), longest=64) is None


def test_errors_of_memory_are_told_from_others():
    assert ran_out(MemoryError())
    assert ran_out(torch.OutOfMemoryError("x"))
    assert ran_out(RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes."))
    assert not ran_out(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not ran_out(ValueError("out of memory"))
