"""Texts as windows of tokens, for a graph that pools the windows of each text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vertikit_plugins.portable.windowing import Windowing, shortened


class Part:
    """`inputs` are input_ids and attention_mask [W, L] of the windows of all texts, and for each binding `pooling_<at>`
    [N, W], the share that each window has in the text of a row.

    Settings: length, overlap, most (see `Windowing`); bindings, the names of the columns that each reads as one, the
    last of them in windows; before, between and after, the special tokens; pad.
    """

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        from tokenizers import Tokenizer

        del arrays
        self._settings = settings
        self._windowing = Windowing(settings["length"], settings["overlap"], settings["most"])
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def inputs(self, columns: Mapping[str, Any]) -> dict[str, NDArray[Any]]:
        """Of texts [N] by column, None where there is none."""
        pieces: list[list[int]] = []
        counts: list[list[int]] = []
        for names in self._settings["bindings"]:
            texts = [columns.get(name) for name in names]
            rows = len(next(each for each in texts if each is not None))
            filled = [[value or "" for value in (each or [""] * rows)] for each in texts]
            own = [self._windows([each[row] for each in filled]) for row in range(rows)]
            counts.append([len(each) for each in own])
            pieces += [window for each in own for window in each]
        sizes = np.array([len(piece) for piece in pieces])
        ids = np.full((len(pieces), sizes.max()), self._settings["pad"], np.int64)
        for line, piece in enumerate(pieces):
            ids[line, : len(piece)] = piece
        mask = (np.arange(sizes.max()) < sizes[:, None]).astype(np.int64)
        found: dict[str, NDArray[Any]] = {"input_ids": ids, "attention_mask": mask}
        start = 0
        for at, of_rows in enumerate(counts):
            pooling = np.zeros((len(of_rows), len(pieces)), np.float32)
            for row, count in enumerate(of_rows):
                stop = start + count
                pooling[row, start:stop] = sizes[start:stop] / sizes[start:stop].sum()
                start = stop
            found[f"pooling_{at}"] = pooling
        return found

    def _windows(self, texts: Sequence[str]) -> list[list[int]]:
        """The windows of one row's texts, special tokens included."""
        before, between, after = (self._settings[name] for name in ("before", "between", "after"))
        *context, last = [
            each.ids for each in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]
        capacity = self._windowing.length - len(before) - len(after)
        held, _ = shortened(context, capacity // 2, len(between))
        head = [token for each in held for token in (*each, *between)]
        spans, _ = self._windowing.cut(len(last), capacity - len(head))
        return [[*before, *head, *last[start:stop], *after] for start, stop in spans]
