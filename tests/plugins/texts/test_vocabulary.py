"""Tokenizers with fewer pieces: the texts that these were kept for are read as before, any other in smaller pieces."""

from __future__ import annotations

import json

import numpy as np
import pytest
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from vertikit import UsageError
from vertikit_plugins.texts.vocabulary import smaller_vocabulary, vocabulary_size

LEARNT = [
    "the patient has a dry cough and fever since two days", "itching and a rash on both arms",
    "no pain in the chest, but shortness of breath at night", "the fever went up again; coughing all night long",
    "headache, nausea and vomiting since the morning", "swelling of the left knee after a fall",
] * 5  # fmt: skip
USED = ["dry cough and fever", "pain in the chest at night", "a rash on both arms"]
OTHER = "vomiting; swelling of the knee"
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def byte_pairs() -> Tokenizer:
    made = Tokenizer(models.BPE(unk_token="<unk>"))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    made.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    made.train_from_iterator(
        LEARNT, trainers.BpeTrainer(vocab_size=420, special_tokens=SPECIAL, initial_alphabet=alphabet)
    )
    made.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0))
    return made


def unigrams() -> Tokenizer:
    made = Tokenizer(models.Unigram())
    made.pre_tokenizer = pre_tokenizers.Metaspace()
    made.train_from_iterator(
        LEARNT, trainers.UnigramTrainer(vocab_size=160, special_tokens=SPECIAL, unk_token="<unk>")
    )
    made.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    return made


def word_pieces() -> Tokenizer:
    made = Tokenizer(models.WordPiece(unk_token="<unk>"))
    made.normalizer = normalizers.Lowercase()
    made.pre_tokenizer = pre_tokenizers.Whitespace()
    made.train_from_iterator(LEARNT, trainers.WordPieceTrainer(vocab_size=200, special_tokens=SPECIAL))
    made.post_processor = processors.BertProcessing(("</s>", 2), ("<s>", 0))
    return made


def wrapped(tokenizer: Tokenizer) -> PreTrainedTokenizerFast:
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>", bos_token="<s>", eos_token="</s>"
    )


KINDS = pytest.mark.parametrize("kind", [byte_pairs, unigrams, word_pieces])


@KINDS
def test_texts_of_the_kept_pieces_are_read_as_before_and_others_in_smaller_pieces(kind):
    whole = kind()
    used = np.unique(np.concatenate([whole.encode(text).ids for text in USED]))
    kept, content = smaller_vocabulary(wrapped(whole), used, 0)
    small = Tokenizer.from_str(content)
    assert len(kept) < whole.get_vocab_size()
    assert vocabulary_size(content) == len(kept)
    assert sorted(small.get_vocab().values()) == list(range(len(kept)))
    for text in USED:
        before, after = whole.encode(text), small.encode(text)
        assert after.tokens == before.tokens
        assert [int(kept[at]) for at in after.ids] == before.ids
    before, after = whole.encode(OTHER), small.encode(OTHER)
    assert len(after.ids) > len(before.ids)
    assert small.token_to_id("<unk>") not in after.ids
    assert after.ids[0] == small.token_to_id("<s>")
    assert [small.token_to_id(name) for name in SPECIAL] == [0, 1, 2, 3]


@KINDS
def test_further_pieces_of_the_lowest_numbers_may_stay(kind):
    whole = kind()
    used = np.array(whole.encode(USED[0]).ids)
    few, _ = smaller_vocabulary(wrapped(whole), used, 0)
    further = 3 * whole.get_vocab_size() // 4
    more, _ = smaller_vocabulary(wrapped(whole), used, further)
    assert set(few) < set(more)
    assert set(range(further)) <= set(map(int, more))
    assert len(more) < whole.get_vocab_size()


def test_a_kind_that_is_not_known_is_refused():
    words = Tokenizer(
        models.WordLevel({"a": 0, "<unk>": 1, "<pad>": 2, "<s>": 3, "</s>": 4}, unk_token="<unk>")
    )
    assert json.loads(words.to_str())["model"]["type"] == "WordLevel"
    with pytest.raises(UsageError, match="one of WordLevel, which cannot be trimmed"):
        smaller_vocabulary(wrapped(words), np.array([0]), 0)
