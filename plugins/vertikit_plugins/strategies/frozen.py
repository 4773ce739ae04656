"""Frozen: the encoder stays as it is, pretrained or not."""

from __future__ import annotations

from pathlib import Path

from vertikit.contracts import Backbone
from vertikit_plugins.strategies.probe import Probe
from vertikit_plugins.strategies.trained_weights import load_all, save_all


class Frozen(Probe):
    """`vertikit.contracts.Strategy` that leaves the encoder as it is.

    Unlike `probe` it takes an encoder that is not pretrained: filters drawn at random tell textures apart (Jarrett et
    al. 2009, doi:10.1109/ICCV.2009.5459469), if worse than learnt ones, and designed ones need no training. Weights
    that nobody else has are kept with the run.
    """

    needs_pretrained = False

    def save(self, backbone: Backbone, folder: Path) -> None:
        """Weights that nobody else has."""
        if not backbone.info.pretrained:
            save_all(backbone.module, folder)

    def load(self, backbone: Backbone, folder: Path) -> None:
        """The same, read back."""
        if not backbone.info.pretrained:
            load_all(backbone.module, folder)
