"""A pretrained forecasting model of Transformers, from a local folder or the Hugging Face Hub, read as safetensors."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from torch import nn

from vertikit import UsageError, VertikitError
from vertikit.adapt.series_values import SeriesValues
from vertikit.columns import Column
from vertikit.contracts import BackboneInfo, State
from vertikit.outcome.forecast import series_scales_of
from vertikit.select.choosing import serves
from vertikit_plugins.backbones.forecast_items import ForecastItems
from vertikit_plugins.backbones.foundation_modules import CLASSES, ONE_NUMBER, Foretold
from vertikit_plugins.backbones.hub import hub_folder
from vertikit_plugins.backbones.model_folder import (
    brief,
    front_matter,
    read_json,
    weight_shapes,
    weights_sha256,
)

LEVELS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""At which a pretrained model is asked: those that all of them are trained for."""


class FoundationBackbone:
    """A pretrained forecaster; `fit` learns the scales of series and how far ahead it is asked."""

    def __init__(
        self, folder: Path, info: BackboneInfo, config: Mapping[str, Any], levels: Sequence[float]
    ) -> None:
        self._folder, self._config, self._levels = folder, config, tuple(levels)
        self._tree: dict[str, Any] = {}
        self.module: nn.Module = nn.Identity()
        self.info = info
        self.fingerprint = ""

    def fit(self, columns: Sequence[Column], values: SeriesValues) -> None:  # noqa: ARG002
        """From training windows: horizon, context, and the deviation of each series."""
        ahead = values.windows.ahead
        if ahead is None:
            raise UsageError(
                f"backbone {self.info.name!r} foretells what follows, and these windows have a label of their own.",
                "Take another: --set backbone=patchtst",
            )
        length, fixed = int(values.windows.lengths.max()), self._config.get("context_length")
        if self._config["model_type"] in ONE_NUMBER and length != fixed:
            raise UsageError(
                f"backbone {self.info.name!r} reads contexts of {fixed} steps, and these have {length}.",
                f"Give it what it was trained on: --set reshape.context={fixed}",
            )
        scales = series_scales_of(values.windows)
        self._tree = {
            "name": ahead.target,
            "horizon": ahead.horizon,
            "length": length,
            "means": {name: each.mean for name, each in scales.items()},
            "deviations": {name: each.deviation for name, each in scales.items()},
        }
        self._build()

    def items(self, values: SeriesValues) -> ForecastItems:
        """Windows, each on its own scale."""
        tree = self._tree
        return ForecastItems(
            values, (tree["name"],), (), {}, {}, tree["means"], tree["deviations"], (), "window"
        )

    def blocks(self) -> list[nn.Module]:
        """All of it as one."""
        return [nn.ModuleList(), self.module]

    def state(self) -> State:
        return State(tree=dict(self._tree))

    def load(self, state: State) -> None:
        self._tree = dict(state.tree)
        self._build()

    def _build(self) -> None:
        import transformers

        kind = str(self._config["model_type"])
        owner = getattr(transformers, CLASSES[kind])
        try:
            model = owner.from_pretrained(
                str(self._folder), use_safetensors=True, local_files_only=True, dtype="float32"
            )
        except Exception as error:
            raise VertikitError(
                f"backbone {self.info.name!r} cannot be read: {brief(error)}", "Copy or download it again."
            ) from error
        model.eval()
        self.module = Foretold(model, kind, int(self._tree["horizon"]), self._levels)
        self.info = replace(self.info, width=self.module.width, max_length=int(self._tree["length"]))
        said = repr((self.info.sha256, self._levels, sorted(self._tree.items(), key=str)))
        self.fingerprint = hashlib.sha256(said.encode()).hexdigest()


class FoundationSource:
    """`vertikit.contracts.BackboneSource` for a folder of a forecasting model."""

    def __init__(self, name: str, folder: Path, told: str, levels: Sequence[float]) -> None:
        self._name, self._folder, self._told, self._levels = name, folder, told, levels
        if not (folder / "config.json").is_file() or not any(folder.glob("*.safetensors")):
            raise UsageError(
                f"backbone {name!r}: there is no config.json with safetensors weights in its folder.",
                "A folder of a forecasting model is needed, saved with model.save_pretrained(DIR).",
            )
        self._config = read_json(folder / "config.json", name)
        if self._config.get("model_type") not in CLASSES:
            raise UsageError(
                f"backbone {name!r} is of kind {self._config.get('model_type')!r}, which foretells no series here.",
                f"Kinds that do: {', '.join(CLASSES)}.",
            )

    def info(self) -> BackboneInfo:
        """Read from the configuration and the headers of the weights; the weights stay on disk."""
        card = front_matter(self._folder / "README.md")
        shapes = weight_shapes(self._folder, self._name)
        return BackboneInfo(
            name=self._name,
            source=self._told,
            modality="series",
            pretrained=True,
            licence=str(card.get("license", "not stated")),
            languages=(),
            parameters=sum(math.prod(shape) for shape in shapes.values()),
            width=1,
            max_length=int(self._config.get("context_length", 1)),
            layers=1,
            adapter_targets=(),
            sha256=weights_sha256(self._folder),
        )

    def build(self) -> FoundationBackbone:
        return FoundationBackbone(self._folder, self.info(), self._config, self._levels)


@serves("series")
def source(
    source: str, *, revision: str | None = None, levels: list[float] | None = None
) -> FoundationSource:
    """A pretrained forecasting model of Transformers (TimesFM, TimesFM 2.5, PatchTST, PatchTSMixer). What it foretells
    are the features: `head=zero-shot` with `strategy=frozen` takes them as they are, `head=quantiles` learns from them.

    Args:
        source: a local folder, or a Hub id such as google/timesfm-2.5-200m-transformers; its own code is never run.
        revision: a commit or tag of the Hub repository.
        levels: of quantiles, 0.5 among them; null: the deciles, as the target has them.
    """
    path = Path(source).expanduser()
    folder = path if path.is_dir() else hub_folder(source, revision)
    told = "a local folder" if path.is_dir() else source
    wanted = LEVELS if levels is None else tuple(levels)
    if 0.5 not in wanted or list(wanted) != sorted(set(wanted)):
        raise UsageError("backbone.levels: rise, and hold 0.5.", "Leave it out.")
    return FoundationSource(path.name if path.is_dir() else source, folder, told, wanted)
