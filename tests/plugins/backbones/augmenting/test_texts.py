"""Texts that training sees altered: words, never parts of them; and nothing is altered where nobody asks for it."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import UsageError
from vertikit.contracts import AugmentingItems
from vertikit_plugins.backbones.augmenting.texts import TextAugmentation
from vertikit_plugins.backbones.ngrams import source as ngrams
from vertikit_plugins.backbones.transformer import source

TEXTS = [
    "cough and fever since two days",
    "itch",
    "pain in the chest and a cough at night since two days and no fever at all but itch " * 3,
    "zzzz cough",
]


def items(folder, **ways):
    return source(source=str(folder), augment=ways or None, overlap=4).build().items(TEXTS)


def words_of(backbone_folder, batch, line=0):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(backbone_folder)
    return tokenizer.decode(batch["input_ids"][line], skip_special_tokens=True).split()


def same(one, other):
    return all(torch.equal(one[key], other[key]) for key in one)


def test_an_altered_text_depends_on_item_epoch_and_seed_and_on_nothing_else(tiny_encoder):
    made = items(tiny_encoder, delete=0.3, swap=0.3, cutoff=0.2)
    assert isinstance(made, AugmentingItems)
    torch.manual_seed(1)
    several = made.augmented(np.array([0, 2]), 1, 0)
    torch.manual_seed(2)
    alone = made.augmented(np.array([0]), 1, 0)
    length = alone["input_ids"].shape[1]
    assert torch.equal(several["input_ids"][:1, :length], alone["input_ids"])
    assert torch.equal(several["attention_mask"][:1, :length], alone["attention_mask"])
    others = [made.augmented(np.array([2]), epoch, seed) for epoch, seed in ((1, 0), (2, 0), (1, -9))]
    assert len({each["input_ids"].numpy().tobytes() for each in others}) == 3


def test_training_without_augmentation_sees_what_prediction_sees(tiny_encoder):
    every = np.arange(len(TEXTS))
    plain = items(tiny_encoder)
    assert same(plain.augmented(every, 3, 0), plain.collate(every))
    # What prediction sees is the same whatever training sees.
    assert same(items(tiny_encoder, delete=0.5, swap=0.5, cutoff=0.5).collate(every), plain.collate(every))


def test_whole_words_are_left_out_and_one_stays(tiny_encoder):
    made = items(tiny_encoder, delete=0.5)
    whole, seen = TEXTS[0].split(), set()
    for epoch in range(40):
        left = words_of(tiny_encoder, made.augmented(np.array([0]), epoch, 0))
        assert left
        rest = iter(whole)
        assert all(word in rest for word in left), left  # in the order in which they stood
        seen.add(len(left))
    assert {2, 3, 4} <= seen
    strongest = items(tiny_encoder, delete=0.9)
    assert all(
        len(words_of(tiny_encoder, strongest.augmented(np.array([0]), epoch, 0))) >= 1 for epoch in range(40)
    )


def test_exchanged_words_are_the_same_words_elsewhere(tiny_encoder):
    made = items(tiny_encoder, swap=1.0)
    orders = set()
    for epoch in range(10):
        # "zzzz" is of several pieces, which stay together.
        found = words_of(tiny_encoder, made.augmented(np.array([3]), epoch, 0))
        assert sorted(found) == ["cough", "zzzz"]
        orders.add(tuple(found))
    assert orders == {("cough", "zzzz"), ("zzzz", "cough")}


def test_what_is_hidden_has_no_say_in_the_features(tiny_encoder):
    backbone = source(source=str(tiny_encoder), augment={"cutoff": 0.5}).build()
    made = backbone.items(TEXTS)
    batch = made.augmented(np.array([0]), 0, 0)
    mask = batch["attention_mask"][0]
    hidden = (mask == 0).nonzero()[:, 0]
    assert len(hidden) == 3 and hidden[-1] - hidden[0] == 2  # half of six words, side by side
    assert mask[0] == mask[-1] == 1
    other = {**batch, "input_ids": batch["input_ids"].clone()}
    other["input_ids"][0, hidden] = 7
    with torch.no_grad():
        one, two = (backbone.module.eval()(**each).pooled for each in (batch, other))
    assert torch.allclose(one, two, atol=1e-6)


def test_of_texts_that_are_read_as_one_the_last_alone_is_altered(tiny_encoder):
    backbone = source(source=str(tiny_encoder), augment={"delete": 0.5, "swap": 0.5}).build()
    made = backbone.items([("fever and cough", "itch at night since two days")])
    head = backbone.tokenizer("fever and cough", add_special_tokens=False)["input_ids"]
    for epoch in range(10):
        ids = made.augmented(np.array([0]), epoch, 0)["input_ids"][0].tolist()
        assert ids[1 : 1 + len(head)] == head


def test_ngrams_are_left_out_too():
    made = ngrams(buckets=256, augment={"delete": 0.5}).build().items([*TEXTS, ""])
    plain = made.collate(np.arange(5))
    altered = made.augmented(np.arange(5), 0, 0)
    assert len(altered["ids"]) < 0.7 * len(plain["ids"])
    alone = made.augmented(np.array([2]), 0, 0)["ids"]
    start, stop = altered["offsets"][2], altered["offsets"][3]
    assert torch.equal(altered["ids"][start:stop], alone)
    assert set(alone.tolist()) < set(made.collate(np.array([2]))["ids"].tolist())
    assert altered["offsets"].tolist()[4] == len(altered["ids"])  # an empty text stays one


@pytest.mark.parametrize(
    ("ways", "said"), [({"flip": 0.1}, "no way of altering"), ({"delete": 1.0}, "no strength")]
)
def test_a_wrong_way_is_told(ways, said):
    with pytest.raises(UsageError, match=said):
        TextAugmentation(ways)
