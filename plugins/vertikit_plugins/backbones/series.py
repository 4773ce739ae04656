"""Backbones of windows of sensors: a residual CNN, a recurrent network, and PatchTST."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vertikit import UsageError
from vertikit.adapt.series_values import SeriesValues
from vertikit.columns import Column
from vertikit.contracts import BackboneInfo, Graph, Outlet, Portable, State
from vertikit_plugins.backbones.augmenting.windows import WindowAugmentation
from vertikit_plugins.backbones.masked_patches import MaskedPatches
from vertikit_plugins.backbones.pooled_graph import of_pooled, pooled, whole
from vertikit_plugins.backbones.series_modules import Gru, PatchTst, ResNet
from vertikit_plugins.portable.readings import CLIP, standardised

if TYPE_CHECKING:
    from vertikit.examples import Indices

READINGS_A_TOKEN = 16
"""Readings that weigh as much in a batch as a token of text does."""
MODULES: Mapping[str, Callable[..., nn.Module]] = {"resnet1d": ResNet, "gru": Gru, "patchtst": PatchTst}


class SeriesItems:
    """Windows as `vertikit.contracts.AugmentingItems`, read from disk batch by batch.

    Args:
        mean, scale: [C] of the sensors. most: readings that a window may have; of a longer one the last are read.
        own: whether each window is put on its own mean and spread as well.
        augment: how training alters windows.
    """

    def __init__(
        self,
        values: SeriesValues,
        mean: NDArray[np.float64],
        scale: NDArray[np.float64],
        most: int,
        own: bool,
        augment: WindowAugmentation,
    ) -> None:
        self._augment = augment
        windows = values.windows
        self._readings, self._places = windows.readings, values.places
        self._start = np.maximum(windows.start, windows.stop - most)
        self._stop = windows.stop
        self._mean, self._scale, self._own = mean, scale, own
        self.lengths = np.maximum(1, -(-(self._stop - self._start) // READINGS_A_TOKEN)).astype(np.int64)
        self.windows = np.ones(len(windows), dtype=np.int64)
        self.left_out = ((self._start - windows.start) // READINGS_A_TOKEN).astype(np.int64)

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        """readings [B, C, L] standardised, 0 where there are none; known [B, C, L] of 1 and 0; lengths [B]."""
        lengths = self._stop[indices] - self._start[indices]
        shape = (len(indices), len(self._places), int(lengths.max(initial=1)))
        readings = np.full(shape, np.nan)
        for at, index in enumerate(indices):
            own = self._readings[self._start[index] : self._stop[index]][:, self._places]
            readings[at, :, : len(own)] = own.T
        standard, known = standardised(readings, self._mean, self._scale, own=self._own)
        return {
            "readings": torch.from_numpy(standard),
            "known": torch.from_numpy(known),
            "lengths": torch.from_numpy(lengths.astype(np.int64)),
        }

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        """The same, altered."""
        batch = self.collate(indices)
        if not self._augment.alters:
            return batch
        keys = [(seed, epoch, int(item)) for item in indices]
        readings, known = self._augment.alter(batch["readings"], batch["known"], batch["lengths"], keys)
        return {**batch, "readings": readings.clamp(-CLIP, CLIP), "known": known}


class SeriesBackbone:
    """An untrained encoder of windows; `fit` learns the sensors' scales from training rows and builds it."""

    def __init__(self, name: str, settings: dict[str, Any], augment: WindowAugmentation) -> None:
        self._name, self._settings, self._augment = name, settings, augment
        self._names: tuple[str, ...] = ()
        self._arrays: dict[str, NDArray[Any]] = {}
        self._most = 0
        self.module: nn.Module = nn.Identity()
        self.info = _info(name, settings["width"])
        self.fingerprint = ""

    def fit(self, columns: Sequence[Column], values: SeriesValues) -> None:  # noqa: ARG002
        """Learn each sensor's mean and spread from the readings of training windows, and make the module, untrained."""
        covered = values.windows.touched(ahead=False)
        mean, scale, kept = [], [], []
        for name, place in zip(values.names, values.places, strict=True):
            known = np.asarray(values.windows.readings[:, place])[covered]
            known = known[np.isfinite(known)]
            if len(known) > 1 and known.std() > 0:
                kept.append(name)
                mean.append(float(known.mean()))
                scale.append(float(known.std()))
        if not kept:
            raise UsageError(
                f"backbone {self._name!r} finds nothing to learn from: no sensor varies in the training rows.",
                "Give other sensors, or more rows.",
            )
        self._names = tuple(kept)
        self._arrays = {"mean": np.array(mean), "scale": np.array(scale)}
        self._most = int(values.windows.lengths.max())
        self._build()

    def items(self, values: SeriesValues) -> SeriesItems:
        """Windows as the module takes them."""
        chosen = SeriesValues(values.windows, self._names)
        return SeriesItems(
            chosen,
            self._arrays["mean"],
            self._arrays["scale"],
            self._most,
            self._settings["normalise"] == "window",
            self._augment,
        )

    @property
    def alters(self) -> bool:
        """Whether training sees windows altered."""
        return self._augment.alters

    def graph(self) -> Graph:
        """Of the whole network, for windows of any length."""
        size = (2, len(self._names), self._most)
        example = {
            "readings": torch.zeros(size),
            "known": torch.ones(size),
            "lengths": torch.full((2,), self._most),
        }
        flexible = {
            "readings": {0: "rows", 2: "length"},
            "known": {0: "rows", 2: "length"},
            "lengths": {0: "rows"},
        }
        return Graph("", example, flexible, pooled, of_pooled)

    def outlet(self, bindings: int) -> Outlet:  # noqa: ARG002
        """The network is all of it."""
        return whole(self.graph())

    def portable(self, bindings: Sequence[Sequence[str]]) -> Portable:  # noqa: ARG002
        """Windows without the kit."""
        own = self._settings["normalise"] == "window"
        settings = {"names": list(self._names), "most": self._most, "own": own}
        return Portable(("vertikit_plugins.portable.readings",), settings, self._arrays, columns=self._names)

    @property
    def pretexts(self) -> Mapping[str, float]:
        """Masked patches."""
        return {"masked-patches": 1e-3}

    def pretext(self, name: str) -> nn.Module:  # noqa: ARG002
        """Masked patches."""
        return MaskedPatches(self.info.width, len(self._names))

    def blocks(self) -> list[nn.Module]:
        """What takes the readings in, then the rest as one layer."""
        first, *others = self.module.children()
        return [first, nn.ModuleList(others)]

    def state(self) -> State:
        return State(tree={"names": list(self._names), "most": self._most}, arrays=self._arrays)

    def load(self, state: State) -> None:
        self._names = tuple(str(name) for name in state.tree["names"])
        self._most = int(state.tree["most"])
        self._arrays = dict(state.arrays)
        self._build()

    def _build(self) -> None:
        chosen = {name: value for name, value in self._settings.items() if name != "normalise"}
        self.module = MODULES[self._name](channels=len(self._names), longest=self._most, **chosen)
        size = sum(each.numel() for each in self.module.parameters())
        self.info = replace(self.info, parameters=size, max_length=self._most)
        known = hashlib.sha256(repr((self._name, self._settings, self._names, self._most)).encode())
        for name in sorted(self._arrays):
            known.update(self._arrays[name].tobytes())
        self.fingerprint = known.hexdigest()


class _Source:
    def __init__(self, name: str, settings: dict[str, Any], augment: Mapping[str, float] | None) -> None:
        self._augment = WindowAugmentation(augment or {})
        for key, value in settings.items():
            if key == "dropout" and not 0 <= value < 1:
                raise UsageError(f"backbone.dropout: {value} is not from 0 to below 1.", "Try 0.1.")
            if isinstance(value, int) and not 1 <= value <= 4096:
                raise UsageError(f"backbone.{key}: {value} is not from 1 to 4096.", "Leave it out.")
        self._name, self._settings = name, settings

    def info(self) -> BackboneInfo:
        return _info(self._name, self._settings["width"])

    def build(self) -> SeriesBackbone:
        return SeriesBackbone(self._name, self._settings, self._augment)


def resnet1d(
    *,
    width: int = 64,
    blocks: int = 3,
    kernel: int = 7,
    dropout: float = 0.1,
    normalise: Literal["train", "window"] = "train",
    augment: dict[str, float] | None = None,
) -> _Source:
    """A residual network of convolutions over time (after Wang, Yan and Oates 2017, arXiv:1611.06455).

    Args:
        width: channels of a layer.
        blocks: residual blocks, each of which halves the time.
        kernel: readings that one filter sees, an odd number.
        dropout: share of features set to zero in training.
        normalise: "train" puts readings on the scale of the training rows; "window" each window on its own as well.
        augment: how training alters windows, such as {jitter: 0.1, scale: 0.1, mask: 0.1}; null: not at all.
    """
    if kernel % 2 == 0:
        raise UsageError(f"backbone.kernel: {kernel} is even.", "Take an odd number, such as 7.")
    return _Source(
        "resnet1d",
        {"width": width, "blocks": blocks, "kernel": kernel, "dropout": dropout, "normalise": normalise},
        augment,
    )


def gru(
    *,
    width: int = 64,
    layers: int = 1,
    steps: int = 128,
    dropout: float = 0.1,
    normalise: Literal["train", "window"] = "train",
    augment: dict[str, float] | None = None,
) -> _Source:
    """A gated recurrent network (Cho et al. 2014, arXiv:1406.1078) over short patches of the window, both ways.

    Args:
        width: units of a layer.
        layers: of units, one above the other.
        steps: patches that the longest window is read in, at most.
        dropout: share of features set to zero in training.
        normalise: "train" puts readings on the scale of the training rows; "window" each window on its own as well.
        augment: how training alters windows, such as {jitter: 0.1, scale: 0.1, mask: 0.1}; null: not at all.
    """
    return _Source(
        "gru",
        {"width": width, "layers": layers, "steps": steps, "dropout": dropout, "normalise": normalise},
        augment,
    )


def patchtst(
    *,
    width: int = 64,
    layers: int = 2,
    patches: int = 32,
    dropout: float = 0.1,
    normalise: Literal["train", "window"] = "train",
    augment: dict[str, float] | None = None,
) -> _Source:
    """A Transformer over patches of each sensor (Nie et al. 2023, arXiv:2211.14730), that of Transformers, untrained.

    Args:
        width: of a patch's features.
        layers: of attention.
        patches: that the longest window is cut into, at most.
        dropout: share of features set to zero in training.
        normalise: "train" puts readings on the scale of the training rows; "window" each window on its own as well.
        augment: how training alters windows, such as {jitter: 0.1, scale: 0.1, mask: 0.1}; null: not at all.
    """
    return _Source(
        "patchtst",
        {"width": width, "layers": layers, "patches": patches, "dropout": dropout, "normalise": normalise},
        augment,
    )


def _info(name: str, width: int) -> BackboneInfo:
    return BackboneInfo(
        name=name,
        source="made for the sensors at hand",
        modality="series",
        pretrained=False,
        licence="Apache-2.0",
        languages=(),
        parameters=0,
        width=width,
        max_length=1,
        layers=1,
        adapter_targets=(),
        sha256="",
    )
