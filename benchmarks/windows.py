"""The kit's own windows of texts, for the scripts that it is compared with, and one bare pass over them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch

from benchmarks.model_folder import minilm_folder
from vertikit_plugins.backbones.windows import TextItems
from vertikit_plugins.portable.windowing import Windowing

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

WINDOW_TOKENS = (1024, 2048, 4096, 8192)
"""Padded tokens of a batch that the bare pass may take: the fastest on some rows is taken for all."""


@lru_cache(maxsize=1)
def _tokenizer() -> PreTrainedTokenizerBase:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(minilm_folder())


def cut_windows(texts: Sequence[str]) -> TextItems:
    """Windows of 256 tokens, 32 of them shared, as the kit's default has it."""
    return TextItems(list(texts), _tokenizer(), Windowing(256, 32, 16))


@torch.inference_mode()
def bare_pass(texts: Sequence[str]) -> dict[str, float]:
    """Seconds of one forward pass over all windows, sorted by length; without tokenising or pooling.

    The batch size is tried out on a sample first, so that this is as fast as such a loop gets.
    """
    from transformers import AutoModel

    encoder = AutoModel.from_pretrained(minilm_folder(), add_pooling_layer=False).eval()
    items = cut_windows(texts)
    batches = (items.collate(np.array([at])) for at in range(len(texts)))
    pieces = sorted(
        (
            ids[: int(mask.sum())].numpy()
            for batch in batches
            for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
        ),
        key=len,
    )
    sample = pieces[:: max(1, len(pieces) // 48)]
    _forward(encoder, sample, WINDOW_TOKENS[0])
    trials = {tokens: _forward(encoder, sample * 2, tokens) for tokens in WINDOW_TOKENS}
    best = min(trials, key=lambda tokens: trials[tokens])
    return {"seconds": _forward(encoder, pieces, best), "tokens": best}


def _forward(encoder: torch.nn.Module, pieces: list[np.ndarray], tokens: int) -> float:
    started = time.perf_counter()
    ordered = sorted(pieces, key=len)
    start = 0
    while start < len(ordered):
        stop = start + 1
        while stop < len(ordered) and len(ordered[stop]) * (stop + 1 - start) <= tokens:
            stop += 1
        batch = ordered[start:stop]
        ids = np.zeros((len(batch), len(batch[-1])), dtype=np.int64)
        mask = np.zeros_like(ids)
        for line, piece in enumerate(batch):
            ids[line, : len(piece)], mask[line, : len(piece)] = piece, 1
        encoder(input_ids=torch.from_numpy(ids), attention_mask=torch.from_numpy(mask))
        start = stop
    return time.perf_counter() - started


def random_padding(texts: Sequence[str], rows: int) -> float:
    """Padded tokens of random batches of `rows` over the tokens themselves: the most that sorting can save."""
    items = cut_windows(texts)
    order = np.random.default_rng(0).permutation(len(texts))
    padded = 0
    for start in range(0, len(order), rows):
        batch = order[start : start + rows]
        padded += int(items.lengths[batch].max() * items.windows[batch].sum())
    return padded / int((items.lengths * items.windows).sum())
