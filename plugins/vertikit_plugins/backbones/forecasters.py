"""Backbones of forecasts: a linear one, a recurrent one, and PatchTST."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from torch import nn

from vertikit import UsageError
from vertikit.adapt.series_values import SeriesValues
from vertikit.columns import Column
from vertikit.contracts import BackboneInfo, State
from vertikit.outcome.forecast import SeriesScale, series_scales_of
from vertikit_plugins.backbones.forecast_items import ForecastItems
from vertikit_plugins.backbones.forecast_modules import Forecaster, Patches, Recurrent, Trend
from vertikit_plugins.backbones.masked_patches import MaskedPatches
from vertikit_plugins.forecasting.lags import usual_lags
from vertikit_plugins.forecasting.normalising import Normalise

TRUNKS: Mapping[str, Callable[..., nn.Module]] = {
    "dlinear": Trend,
    "forecast-gru": Recurrent,
    "forecast-patchtst": Patches,
}
ALL_CHANNELS = frozenset({"forecast-gru"})
"""Backbones that read other sensors' past too; the others read that of the target alone."""


class ForecastBackbone:
    """An untrained forecaster; `fit` learns scales from training rows and builds it."""

    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any],
        normalise: Normalise,
        lags: Sequence[int] | None,
        anchored: bool,
    ) -> None:
        self._name, self._settings, self._normalise, self._lags_asked = name, dict(settings), normalise, lags
        self._anchored = anchored
        self._tree: dict[str, Any] = {}
        self._series: dict[str, SeriesScale] = {}
        self.module: nn.Module = nn.Identity()
        self.info = _info(name)
        self.fingerprint = ""

    def fit(self, columns: Sequence[Column], values: SeriesValues) -> None:  # noqa: ARG002
        """Learn the scale of each series and sensor from training windows, and make the module, untrained."""
        windows = values.windows
        ahead = windows.ahead
        if ahead is None:
            raise UsageError(
                f"backbone {self._name!r} foretells what follows, and these windows have a label of their own.",
                "Take another: --set backbone=patchtst",
            )
        self._series = series_scales_of(windows)
        centre, spread = {}, {}
        covered = windows.touched(ahead=True)
        for name in values.names:
            known = np.asarray(windows.readings[:, windows.names.index(name)])[covered]
            known = known[np.isfinite(known)]
            if name != ahead.target and len(known) > 1 and known.std() > 0:
                centre[name], spread[name] = float(known.mean()), float(known.std())
        past = [each for each in centre if each not in ahead.known] if self._name in ALL_CHANNELS else []
        lags = usual_lags(ahead.season, ahead.step) if self._lags_asked is None else self._lags_asked
        self._tree = {
            "names": [ahead.target, *past],
            "known": [each for each in ahead.known if each in centre],
            "centre": centre,
            "spread": spread,
            "lags": [int(each) for each in lags],
            "length": int(windows.lengths.max()),
        }
        self._build()

    def items(self, values: SeriesValues) -> ForecastItems:
        """Windows as the module takes them."""
        tree = self._tree
        return ForecastItems(
            values,
            tuple(tree["names"]),
            tuple(tree["known"]),
            tree["centre"],
            tree["spread"],
            {name: each.mean for name, each in self._series.items()},
            {name: each.deviation for name, each in self._series.items()},
            tuple(tree["lags"]),
            self._normalise,
            self._anchored,
        )

    @property
    def pretexts(self) -> Mapping[str, float]:
        """Masked patches."""
        return {"masked-patches": 1e-3}

    def pretext(self, name: str) -> nn.Module:  # noqa: ARG002
        """Masked patches."""
        return MaskedPatches(self.info.width, len(self._tree["names"]))

    def blocks(self) -> list[nn.Module]:
        """What reads the past, then what reads the steps to come."""
        first, *others = self.module.children()
        return [first, nn.ModuleList(others)]

    def state(self) -> State:
        series = {name: [each.mean, each.deviation] for name, each in self._series.items()}
        return State(tree={**self._tree, "series": series})

    def load(self, state: State) -> None:
        tree = dict(state.tree)
        self._series = {
            str(name): SeriesScale(float(mean), float(deviation), float("nan"))
            for name, (mean, deviation) in tree.pop("series").items()
        }
        self._tree = tree
        self._build()

    def _build(self) -> None:
        tree = self._tree
        trunk = TRUNKS[self._name](len(tree["names"]), tree["length"], **self._settings)
        self.module = Forecaster(trunk, 2 * (len(tree["known"]) + len(tree["lags"])))
        size = sum(each.numel() for each in self.module.parameters())
        self.info = replace(
            self.info, parameters=size, width=int(trunk.width), max_length=tree["length"]  # type: ignore[arg-type]
        )  # fmt: skip
        known = sorted((name, each.mean, each.deviation) for name, each in self._series.items())
        own = (self._name, self._settings, self._normalise, self._anchored)
        said = repr((*own, sorted(tree.items()), known))
        self.fingerprint = hashlib.sha256(said.encode()).hexdigest()


class _Source:
    def __init__(
        self,
        name: str,
        settings: Mapping[str, Any],
        normalise: Normalise,
        lags: Sequence[int] | None,
        anchored: bool,
    ) -> None:
        for key, value in settings.items():
            if key == "dropout" and not 0 <= value < 1:
                raise UsageError(f"backbone.dropout: {value} is not from 0 to below 1.", "Try 0.1.")
            if isinstance(value, int) and not 1 <= value <= 4096:
                raise UsageError(f"backbone.{key}: {value} is not from 1 to 4096.", "Leave it out.")
        if lags is not None and any(each < 1 for each in lags):
            raise UsageError(
                f"backbone.lags: {min(lags)} is not 1 or more.", "Leave it out, or name steps: [24, 168]."
            )
        self._built = (name, settings, normalise, lags, anchored)

    def info(self) -> BackboneInfo:
        return _info(self._built[0])

    def build(self) -> ForecastBackbone:
        return ForecastBackbone(*self._built)


def dlinear(
    *, normalise: Normalise = "window", lags: list[int] | None = None, anchored: bool = False
) -> _Source:
    """Trend and remainder of the past, each mapped to the steps to come by one linear layer, the head's (DLinear: Zeng
    et al. 2023, AAAI, arXiv:2205.13504).

    Args:
        normalise: "window" puts each window on its own scale, "last" at its last reading, "series" on that of its
            series in training.
        lags: steps back whose readings stand beside each step to come; null: a season (and a week, where that is a
            day), []: none.
        anchored: whether steps are foretold from what was the longest of these before: training begins at seasonal
            naive, and learns what is other.
    """
    return _Source("dlinear", {}, normalise, lags, anchored)


def gru(
    *,
    width: int = 64,
    layers: int = 1,
    steps: int = 128,
    dropout: float = 0.1,
    normalise: Normalise = "window",
    lags: list[int] | None = None,
    anchored: bool = False,
) -> _Source:
    """A gated recurrent network (Cho et al. 2014, arXiv:1406.1078) over the past of the target and of other sensors.

    Args:
        width: units of a layer.
        layers: of units, one above the other.
        steps: patches that the context is read in, at most.
        dropout: share of features set to zero in training.
        normalise: as for `dlinear`.
        lags: as for `dlinear`.
        anchored: as for `dlinear`.
    """
    settings = {"width": width, "layers": layers, "steps": steps, "dropout": dropout}
    return _Source("forecast-gru", settings, normalise, lags, anchored)


def patchtst(
    *,
    width: int = 32,
    layers: int = 2,
    patch: int = 16,
    stride: int = 8,
    dropout: float = 0.2,
    normalise: Normalise = "window",
    lags: list[int] | None = None,
    anchored: bool = False,
) -> _Source:
    """A Transformer over patches of the past (Nie et al. 2023, arXiv:2211.14730), that of Transformers, untrained.

    Args:
        width: of a patch's features.
        layers: of attention.
        patch: steps of a patch.
        stride: from the start of a patch to that of the next.
        dropout: share of features set to zero in training.
        normalise: as for `dlinear`.
        lags: as for `dlinear`.
        anchored: as for `dlinear`.
    """
    settings = {"width": width, "layers": layers, "patch": patch, "stride": stride, "dropout": dropout}
    return _Source("forecast-patchtst", settings, normalise, lags, anchored)


def _info(name: str) -> BackboneInfo:
    return BackboneInfo(
        name=name,
        source="made for the series at hand",
        modality="series",
        pretrained=False,
        licence="Apache-2.0",
        languages=(),
        parameters=0,
        width=1,
        max_length=1,
        layers=1,
        adapter_targets=(),
        sha256="",
    )
