"""Integrated gradients (Sundararajan et al. 2017, arXiv:1703.01365), by captum, smoothed to what an eye can follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit_plugins.explainers.smoothing import smoothed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class Gradients:
    """How much each pixel, on the way from a picture of its mean shade to itself, adds to the output.

    Args:
        steps: on that way.
        smooth: standard deviation of the blur over the found values, as a share of the picture's side.
    """

    def __init__(self, *, steps: int = 16, smooth: float = 0.03) -> None:
        if steps < 2 or not 0 <= smooth <= 0.5:
            raise UsageError(
                f"explain: {steps} steps and a blur of {smooth:g} show nothing.",
                "Take 2 steps or more, and a blur from 0 to 0.5.",
            )
        self.steps, self.smooth = steps, smooth

    def maps(
        self, forward: Callable[[Tensor], Tensor], pixels: Tensor, chosen: Tensor
    ) -> NDArray[np.float32]:
        import torch
        from captum.attr import IntegratedGradients

        found = []
        for one, output in zip(pixels, chosen.tolist(), strict=True):
            picture = one[None].clone().requires_grad_(True)
            flat = one.mean(dim=(1, 2), keepdim=True).expand_as(one)[None]
            with torch.enable_grad():
                parts = IntegratedGradients(forward).attribute(
                    picture, baselines=flat, target=output, n_steps=self.steps, internal_batch_size=self.steps
                )
            found.append(parts[0].sum(dim=0).detach().cpu())
        return smoothed(torch.stack(found).numpy(), self.smooth)
