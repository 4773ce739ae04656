"""What an explainer has to keep to (`vertikit.contracts.Explainer`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.testing.check import check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from torch import Tensor

SIDE = 32
FIRST, SECOND = slice(4, 12), slice(20, 28)


def _corners(pixels: Tensor) -> Tensor:
    """Outputs [n, 2]: how bright the upper left and the lower right corner are."""
    import torch

    return torch.stack([pixels[:, :, each, each].mean(dim=(1, 2, 3)) for each in (FIRST, SECOND)], dim=1)


def _pixels() -> Tensor:
    import torch

    found = 0.05 * torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(0))
    for each in (FIRST, SECOND):
        found[:, :, each, each] += 1
    return found


def _maps(subject: Subject, rows: Any = slice(None)) -> Any:
    import torch

    return subject.make().maps(_corners, _pixels()[rows], torch.tensor([0, 1])[rows])


@check("explainers", "shapes")
def shapes(subject: Subject) -> None:
    """Maps are [B, H, W] from 0 to 1."""
    found = np.asarray(_maps(subject))
    expect(found.shape == (2, SIDE, SIDE), f"maps are {found.shape} of pictures of {SIDE} pixels a side")
    expect(np.isfinite(found).all() and found.min() >= 0 and found.max() <= 1, "a map leaves 0 to 1")


@check("explainers", "place")
def place(subject: Subject) -> None:
    """The place that the chosen output rests on is warmer than one that it does not look at."""
    first, second = np.asarray(_maps(subject))
    for found, own, other in ((first, FIRST, SECOND), (second, SECOND, FIRST)):
        warm, cold = float(found[own, own].mean()), float(found[other, other].mean())
        expect(
            warm > 2 * cold + 0.05, f"where the answer comes from it is {warm:.2f}, and elsewhere {cold:.2f}"
        )


@check("explainers", "company")
def company(subject: Subject) -> None:
    """A picture has the same map in any batch."""
    whole, alone = np.asarray(_maps(subject)), np.asarray(_maps(subject, slice(1, 2)))
    expect(np.allclose(whole[1], alone[0], atol=1e-4), "its map changes with the rest of the batch")


CHECKS = (built("explainers", ("maps",)), shapes, place, company, refuses("explainers"))
