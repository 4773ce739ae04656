"""Days as profiles, and how unlike the days seen so far one is."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import Column, UsageError
from vertikit.contracts import BackboneInfo, Features, State

if TYPE_CHECKING:
    from vertikit.contracts import Windows

MOST_DAYS = 5_000
"""Kept to compare with, drawn at random."""


class _Passing(nn.Module):
    """The profile as it is."""

    def forward(self, profile: Tensor) -> Features:
        return Features(pooled=profile)


class _Days:
    """Days as `vertikit.contracts.Items`."""

    def __init__(self, profiles: NDArray[np.float64]) -> None:
        self._profiles = profiles
        self.lengths = np.ones(len(profiles), np.int64)
        self.windows = np.ones(len(profiles), np.int64)
        self.left_out = np.zeros(len(profiles), np.int64)

    def collate(self, indices: NDArray[np.int64]) -> dict[str, Tensor]:
        return {"profile": torch.from_numpy(self._profiles[indices].astype(np.float32))}


class DayProfile:
    """A day as so many slots, each in deviations from what is usual at that time of day; 0 where a reading is missing.

    The usual is the median of the training days, and the deviation their median distance from it.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._arrays: dict[str, NDArray[Any]] = {}
        self._name = ""
        self.module: nn.Module = _Passing()
        self.info = _info(slots)
        self.fingerprint = ""

    def fit(self, columns: Sequence[Column], values: Any) -> None:
        """Learn what is usual from the windows of training days."""
        if len(columns) != 1:
            raise UsageError(
                f"backbone 'day-profile' reads one series, and the data has {len(columns)} columns of numbers.",
                "Leave the others out: --drop COLUMN",
            )
        self._name = columns[0].name
        days = self._days(values.windows)
        middle = np.nanmedian(days, axis=0)
        off = np.nanmedian(np.abs(days - middle), axis=0)
        floor = 0.05 * max(float(np.nanmedian(np.abs(middle))), 1e-9)
        self._arrays = {"middle": np.nan_to_num(middle), "off": np.maximum(np.nan_to_num(off), floor)}
        self._told()

    def items(self, values: Any) -> _Days:
        """Days as the module takes them."""
        days = (self._days(values.windows) - self._arrays["middle"]) / self._arrays["off"]
        return _Days(np.nan_to_num(np.clip(days, -20, 20)))

    def blocks(self) -> list[nn.Module]:
        """There is nothing in it."""
        return [self.module]

    def state(self) -> State:
        return State(tree={"name": self._name}, arrays=self._arrays)

    def load(self, state: State) -> None:
        self._name, self._arrays = str(state.tree["name"]), dict(state.arrays)
        self._told()

    def _told(self) -> None:
        digest = hashlib.sha256(repr((self._name, self._slots)).encode())
        for name in sorted(self._arrays):
            digest.update(self._arrays[name].tobytes())
        self.fingerprint = digest.hexdigest()
        self.info = replace(self.info, width=self._slots)

    def _days(self, windows: Windows) -> NDArray[np.float64]:
        """[N, slots] means of the readings in each slot, NaN where there is none."""
        column = np.asarray(windows.readings[:, windows.names.index(self._name)])
        found = np.full((len(windows), self._slots), np.nan)
        for at, (start, stop) in enumerate(zip(windows.start.tolist(), windows.stop.tolist(), strict=True)):
            own = column[start:stop]
            place = np.minimum(np.arange(len(own)) * self._slots // max(len(own), 1), self._slots - 1)
            known = np.isfinite(own)
            count = np.bincount(place[known], minlength=self._slots)
            total = np.bincount(place[known], weights=own[known], minlength=self._slots)
            found[at] = np.where(count > 0, total / np.maximum(count, 1), np.nan)
        return found


class _Source:
    def __init__(self, slots: int) -> None:
        self._slots = slots

    def info(self) -> BackboneInfo:
        return _info(self._slots)

    def build(self) -> DayProfile:
        return DayProfile(self._slots)


def source(*, slots: int = 24) -> _Source:
    """A day as its readings, each beside what is usual at that time.

    Args:
        slots: parts that a day is read in.
    """
    if not 2 <= slots <= 1440:
        raise UsageError(f"backbone.slots: {slots} is not from 2 to 1440.", "Take 24.")
    return _Source(slots)


def _info(slots: int) -> BackboneInfo:
    return BackboneInfo(
        name="day-profile", source="made for the series at hand", modality="series", pretrained=False,
        licence="Apache-2.0", languages=(), parameters=0, width=slots, max_length=slots, layers=1, adapter_targets=(),
        sha256="",
    )  # fmt: skip


class UnlikeAnyDay(nn.Module):
    """`vertikit.contracts.FittedHead`: the mean distance of a day to the training days most like it.

    A working day is like working days and a Sunday like Sundays, so nobody has to say which is which (the distance to
    the k nearest neighbours: Ramaswamy, Rastogi and Shim 2000, SIGMOD 29:427-438).

    Args:
        width: of the profile.
        oddness: what the target is.
        neighbours: days that one is compared with.
        seed: by which days are drawn where there are very many.
    """

    reads: Literal["pooled", "tokens"] = "pooled"

    def __init__(self, width: int, oddness: object, *, neighbours: int = 3, seed: int = 0) -> None:
        super().__init__()
        del oddness
        if neighbours < 1:
            raise UsageError(f"head.neighbours: {neighbours} is not 1 or more.", "Take 3.")
        self._width, self._neighbours, self._seed = width, neighbours, seed
        self._days = np.empty((0, width), np.float32)
        self._batches: list[NDArray[np.float32]] = []

    def begin(self, rows: int) -> None:
        del rows
        self._batches = []

    def learn(self, features: Features, target: Tensor) -> None:
        del target  # all of them are usual
        self._batches.append(features.pooled.cpu().numpy().astype(np.float32))

    def finish(self) -> None:
        days = np.concatenate(self._batches)
        # Batches come in an order of their own; what is kept must not depend on it.
        days = days[np.lexsort(days.T[::-1])]
        if len(days) > MOST_DAYS:
            days = days[np.sort(np.random.default_rng(self._seed).permutation(len(days))[:MOST_DAYS])]
        self._days, self._batches = days, []

    def forward(self, features: Features) -> Tensor:
        """How odd each day is [B, 1]: root mean square distance to the nearest, averaged over these."""
        found = features.pooled.cpu().numpy().astype(np.float64)
        count = min(self._neighbours, len(self._days))
        apart = np.sqrt(((found[:, None, :] - self._days[None].astype(np.float64)) ** 2).mean(axis=2))
        nearest = np.sort(apart, axis=1)[:, :count].mean(axis=1)
        return torch.from_numpy(nearest[:, None].astype(np.float32))

    def fit(self, pooled: Tensor) -> None:
        """Profiles are in deviations already."""

    def encode(self, values: Sequence[Any]) -> Tensor:
        """0 usual, 1 unusual."""
        return torch.tensor([0.0 if each == "sound" else 1.0 for each in values])

    def merged(self, raw: Tensor) -> Tensor:
        """Of members, the mean."""
        return raw.mean(dim=1)

    def state(self) -> State:
        return State(tree={}, arrays={"days": self._days})

    def load(self, state: State) -> None:
        self._days = np.asarray(state.arrays["days"], np.float32)
