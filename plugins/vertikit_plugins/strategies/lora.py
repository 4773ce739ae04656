"""LoRA: low-rank adapters beside frozen weights (Hu et al. 2021, arXiv:2106.09685), through peft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vertikit import UsageError
from vertikit.contracts import Backbone
from vertikit_plugins.strategies.adapters import Adapters, wrap


class Lora(Adapters):
    """Adapters on the encoder's attention.

    Args:
        rank: of the update of a weight matrix.
        alpha: the update is scaled by alpha / rank.
        dropout: in front of an adapter, in training.
        targets: module names that get an adapter; without them, those that the backbone names.
        dora: whether the length of each column of a matrix is learnt beside its direction (Liu et al. 2024,
            arXiv:2402.09353); slower.
    """

    defaults: Mapping[str, Any] = {
        "epochs": 8,
        "optimiser": {"rate": 2e-3, "encoder_rate": 1e-3},
        "batch": {"rows": 16},
    }

    def __init__(
        self,
        *,
        rank: int = 8,
        alpha: int = 16,
        dropout: float = 0.05,
        targets: list[str] | None = None,
        dora: bool = False,
    ) -> None:
        if rank < 1:
            raise UsageError(f"strategy.rank: {rank} is below 1.", "Try 8.")
        self._rank, self._alpha, self._dropout, self._targets = rank, alpha, dropout, targets
        self._dora = dora

    def apply(self, backbone: Backbone) -> None:
        """Wrap the encoder with fresh adapters; all else in it is frozen."""
        from peft import LoraConfig

        targets = self._targets or list(backbone.info.adapter_targets)
        if not targets:
            raise UsageError(
                f"strategy lora does not know where adapters go on {backbone.info.name!r}.",
                "Name the modules: --set 'strategy.targets=[q_proj, v_proj]'",
            )
        config = LoraConfig(
            r=self._rank,
            lora_alpha=self._alpha,
            lora_dropout=self._dropout,
            target_modules=targets,
            use_dora=self._dora,
        )
        wrap(backbone, config, targets)
