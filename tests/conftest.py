"""What many tests share: a tiny encoder saved locally, a cache of their own, no network."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
# Models this small wait longer for a second thread than it helps, and on a busy machine for ever.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Where lines are wrapped does not depend on the terminal, nor on which of several workers runs a test.
os.environ["COLUMNS"] = "100"

WORDS = [
    "cough",
    "fever",
    "chest",
    "pain",
    "head",
    "ache",
    "itch",
    "rash",
    "skin",
    "cold",
    "runny",
    "nose",
    "dizzy",
    "spin",
    "weak",
    "tired",
    "burn",
    "water",
    "pee",
    "back",
    "joint",
    "swollen",
    "red",
    "knee",
    "breath",
    "short",
    "night",
    "sweat",
    "no",
    "the",
    "a",
    "and",
    "of",
    "with",
    "for",
    "two",
    "three",
    "days",
    "since",
    "patient",
]


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Features that tests compute stay out of the user's cache."""
    os.environ["VERTIKIT_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of two layers, width 16, 32 positions, and a word-piece tokenizer over `WORDS`."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizer

    folder = tmp_path_factory.mktemp("tiny-bert")
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]
    vocabulary += [f"##{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"] + list(
        "abcdefghijklmnopqrstuvwxyz"
    )
    (folder / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)), encoding="utf-8")
    tokenizer = BertTokenizer(str(folder / "vocab.txt"), model_max_length=32)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(vocabulary)),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
    )
    BertModel(config).save_pretrained(folder)
    return folder
