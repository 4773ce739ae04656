"""A column's values as model input: preprocessed items, or features that a frozen encoder gave once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vertikit import scratch
from vertikit.adapt.batching import pack
from vertikit.adapt.feature_cache import FeatureCache, content_keys
from vertikit.adapt.memory import in_pieces
from vertikit.cells import Cells, Tuples
from vertikit.contracts import Backbone, Items
from vertikit.pictures import Pictures
from vertikit.progress import Progress

if TYPE_CHECKING:
    from vertikit.adapt.model import Model
    from vertikit.examples import Indices

INFERENCE_TOKENS = 4096
"""Padded tokens of a batch without gradients: fills a processor and stays in its caches."""
PROCESSOR_TOKENS = 1024
"""The same of a whole model on a processor: what a layer widens stays in the cache of a core."""
INFERENCE_ROWS = 1024
KEPT_AT_ONCE = 50_000
"""Rows of features that are written to the cache in one piece."""


class FeatureMatrix:
    """Features computed before, as `Items`: a batch of it is a slice, and every item is one unit long.

    Args:
        pooled: [M, D]. rows: [N] which of them an item has; without it, each its own.
    """

    def __init__(self, pooled: NDArray[np.float32], rows: Indices | None = None) -> None:
        self.pooled = pooled
        self.rows = np.arange(len(pooled)) if rows is None else rows
        self.lengths = np.ones(len(self.rows), dtype=np.int64)
        self.windows = np.ones(len(self.rows), dtype=np.int64)
        self.left_out = np.zeros(len(self.rows), dtype=np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """pooled [B, D]."""
        return {"pooled": torch.from_numpy(np.ascontiguousarray(self.pooled[self.rows[indices]]))}


@dataclass(frozen=True)
class Lengths:
    """What became of long values.

    Args:
        windowed: values read in more than one window.
        cut: values with something beyond their last window; left_out: how many tokens in all.
    """

    windowed: int
    cut: int
    left_out: int

    def notes(self, name: str) -> list[str]:
        """Lines for the user on column `name`; none where every value is read in one piece."""
        lines = []
        if self.windowed:
            lines.append(
                f"{name}: {self.windowed:,} longer than the encoder takes, read in overlapping windows"
            )
        if self.cut:
            lines.append(
                f"{name}: {self.cut:,} too long to be read whole: {self.left_out:,} tokens beyond the last window "
                "are left out (backbone.max_windows)"
            )
        return lines


def lengths_of(items: Items) -> Lengths:
    """Counts over all items."""
    return Lengths(
        windowed=int((items.windows > 1).sum()),
        cut=int((items.left_out > 0).sum()),
        left_out=int(items.left_out.sum()),
    )


def encode_once(
    backbone: Backbone,
    values: Cells | Tuples | Pictures,
    *,
    cache: bool,
    device: torch.device,
    progress: Progress,
) -> tuple[FeatureMatrix, Lengths]:
    """Features [N, D] of all values; each distinct one passes the encoder once, unless the cache has it."""
    keys = content_keys(values)
    first, places = _distinct(keys)
    distinct = keys[first]
    features = scratch.zeros((len(distinct), backbone.info.width), np.float32)
    store = FeatureCache(backbone.fingerprint, backbone.info.width) if cache else None
    known = np.zeros(len(distinct), dtype=bool) if store is None else store.get(distinct, features)
    # All values are preprocessed, the known ones too: what long ones lose is told in every run.
    items = backbone.items(values.take(first))
    missing = np.flatnonzero(~known)
    if known.any():
        progress.line(f"features: {int(known.sum()):,} of {len(known):,} distinct values from the cache")
    if len(missing):
        backbone.module.to(device)
        pooled_features(backbone, items, missing, device, progress, into=features)
        if store is not None:
            try:
                for start in range(0, len(missing), KEPT_AT_ONCE):
                    piece = missing[start : start + KEPT_AT_ONCE]
                    store.put(distinct[piece], features[piece])
            except OSError as error:
                progress.line(f"features are not kept for later runs: {error}")
    return FeatureMatrix(features, places), lengths_of(items)


def _distinct(keys: NDArray[np.void]) -> tuple[Indices, Indices]:
    """Positions of the first of each distinct key, in order; and [N] which of those each key is equal to."""
    _, first, inverse = np.unique(keys.view("S16"), return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return first[order], rank[inverse]


@torch.inference_mode()
def pooled_features(
    backbone: Backbone,
    items: Items,
    indices: Indices,
    device: torch.device,
    progress: Progress,
    into: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Features [n, D] of the items at `indices`, in that order; or `into` [N, D], filled at `indices`."""
    backbone.module.eval()
    result = np.empty((len(indices), backbone.info.width), dtype=np.float32) if into is None else into
    place = _places(indices)
    batches = pack({"": items}, indices, tokens=INFERENCE_TOKENS, rows=INFERENCE_ROWS, seed=0)
    with progress.bar("encoding", len(indices), "values") as advance:
        for batch in batches:
            for piece, pooled in in_pieces(batch, lambda some: _pooled(backbone, items, some, device)):
                result[piece if into is not None else place[piece]] = pooled
            advance(len(batch))
    return result


def _pooled(backbone: Backbone, items: Items, batch: Indices, device: torch.device) -> NDArray[np.float32]:
    inputs = {key: value.to(device) for key, value in items.collate(batch).items()}
    return np.asarray(backbone.module(**inputs).pooled.float().cpu().numpy())


@torch.inference_mode()
def raw_outputs(
    model: Model,
    inputs: Mapping[str, Items],
    indices: Indices,
    target: str,
    device: torch.device,
    progress: Progress | None = None,
    *,
    label: str = "predicting",
) -> NDArray[np.float64]:
    """Raw outputs [n, K] of a target for the examples at `indices`, in that order; fp32 inside."""
    was_training = any(module.training for module in model.modules())
    if was_training:  # to say so to every module takes as long as one row
        model.eval()
    batches = _batches(inputs, indices, device)
    place = _places(indices)
    result: NDArray[np.float64] | None = None
    with (progress or Progress(None)).bar(label, len(indices), "examples") as advance:
        for batch in batches:
            for piece, raw in in_pieces(batch, lambda some: _raw(model, inputs, some, target, device)):
                if result is None:
                    result = np.empty((len(indices), raw.shape[1]))
                result[place[piece]] = raw
            advance(len(batch))
    if was_training:
        model.train()
    return np.empty((0, 0)) if result is None else result


def _raw(
    model: Model, inputs: Mapping[str, Items], batch: Indices, target: str, device: torch.device
) -> NDArray[np.float64]:
    return np.asarray(model(on_device(inputs, batch, device))[target].double().cpu().numpy())


@torch.inference_mode()
def located_outputs(
    model: Model,
    inputs: Mapping[str, Items],
    indices: Indices,
    target: str,
    device: torch.device,
    progress: Progress | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float32]]:
    """Raw outputs [n, K] as `raw_outputs` gives them, and maps [n, h, w] of a head that tells where."""
    model.eval()
    batches = _batches(inputs, indices, device)
    place = _places(indices)
    raw, maps = np.empty((0, 0)), np.empty((0, 0, 0), np.float32)
    with (progress or Progress(None)).bar("predicting", len(indices), "examples") as advance:
        for batch in batches:
            pieces = in_pieces(batch, lambda some: model.located(on_device(inputs, some, device), target))
            for piece, (found, where) in pieces:
                if not len(raw):
                    raw = np.empty((len(indices), found.shape[1]))
                    maps = np.empty((len(indices), *where.shape[1:]), np.float32)
                at = place[piece]
                raw[at], maps[at] = found.double().cpu().numpy(), where.float().cpu().numpy()
            advance(len(batch))
    return raw, maps


def _batches(inputs: Mapping[str, Items], indices: Indices, device: torch.device) -> list[Indices]:
    """Batches that cover the indices, those of a length together; in their order where all are of one."""
    if all((items.lengths == 1).all() and (items.windows == 1).all() for items in inputs.values()):
        return [indices[start : start + INFERENCE_ROWS] for start in range(0, len(indices), INFERENCE_ROWS)]
    tokens = PROCESSOR_TOKENS if device.type == "cpu" else INFERENCE_TOKENS
    return pack(inputs, indices, tokens=tokens, rows=INFERENCE_ROWS, seed=0)


def _places(indices: Indices) -> Indices:
    """Where each of the indices stands among them, by its value."""
    found = np.zeros(int(indices.max(initial=-1)) + 1, np.int64)
    found[indices] = np.arange(len(indices))
    return found


def on_device(
    inputs: Mapping[str, Items], batch: Indices, device: torch.device
) -> dict[str, dict[str, Tensor]]:
    """A batch of every binding's items, on the device."""
    return {
        name: {key: value.to(device) for key, value in items.collate(batch).items()}
        for name, items in inputs.items()
    }
