"""Occlusion (Zeiler and Fergus 2014, arXiv:1311.2901), by captum: what an output loses when a patch is covered."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit_plugins.explainers.smoothing import smoothed

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor


class Occlusion:
    """A patch of the picture's mean shade is moved over it; where the output falls, the picture spoke for it.

    It asks the model some hundred times a picture, and shows what the model needs, not what it could do without.

    Args:
        patches: along a side; the patch is moved by half of itself.
        smooth: standard deviation of the blur over the found values, as a share of the picture's side.
    """

    def __init__(self, *, patches: int = 7, smooth: float = 0.02) -> None:
        if not 2 <= patches <= 32 or not 0 <= smooth <= 0.5:
            raise UsageError(
                f"explain: {patches} patches along a side and a blur of {smooth:g} show nothing.",
                "Take 2 to 32 patches, and a blur from 0 to 0.5.",
            )
        self.patches, self.smooth = patches, smooth

    def maps(
        self, forward: Callable[[Tensor], Tensor], pixels: Tensor, chosen: Tensor
    ) -> NDArray[np.float32]:
        import torch
        from captum.attr import Occlusion as Covering

        channels, height, width = pixels.shape[1:]
        size = (max(1, height // self.patches), max(1, width // self.patches))
        step = (channels, max(1, size[0] // 2), max(1, size[1] // 2))
        found = []
        with torch.no_grad():
            for one, output in zip(pixels, chosen.tolist(), strict=True):
                flat = one.mean(dim=(1, 2), keepdim=True).expand_as(one)[None]
                lost = Covering(forward).attribute(
                    one[None],
                    sliding_window_shapes=(channels, *size),
                    strides=step,
                    baselines=flat,
                    target=output,
                    perturbations_per_eval=16,
                )
                found.append(lost[0].mean(dim=0).cpu())
        return smoothed(torch.stack(found).numpy(), self.smooth)
