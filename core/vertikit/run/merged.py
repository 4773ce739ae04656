"""The weights of a finished run's encoders as plain ones, for another model to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.run.model_parts import load_parts

if TYPE_CHECKING:
    from torch import Tensor

    from vertikit.run.run import Run


def merged_weights(run: Run) -> dict[str, dict[str, Tensor]]:
    """Name of a backbone -> its whole state, with what the strategy trained; the run's own model stays as it is."""
    assembled = load_parts(run).assembled
    found = {}
    for name, backbone in assembled.backbones.items():
        assembled.strategy.merge(backbone)
        found[name] = {
            key: value.detach().cpu().clone() for key, value in backbone.module.state_dict().items()
        }
    return found
