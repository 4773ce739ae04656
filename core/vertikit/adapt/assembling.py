"""From a recipe and labels to the parts of a model: backbones, head, strategy, loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch

from vertikit.adapt.model import Model
from vertikit.contracts import Backbone, Head, Loss, Strategy
from vertikit.errors import UsageError
from vertikit.recipe import Recipe
from vertikit.registry import Registry
from vertikit.select.choosing import choose_backbone
from vertikit.task import Task


@dataclass
class Assembled:
    """A model with its strategy applied, on its device, untrained but for what was pretrained.

    Args:
        model: the module. backbones: binding name -> backbone. head: of the one target.
        strategy: applied to every backbone. loss: unreduced.
        labels: the classes, in the order of the outputs.
        initial: what training can change, as it was before any training.
    """

    model: Model
    backbones: Mapping[str, Backbone]
    head: Head
    strategy: Strategy
    loss: Loss
    labels: tuple[str, ...]
    device: torch.device
    initial: dict[str, torch.Tensor]


def assemble(task: Task, recipe: Recipe, labels: tuple[str, ...], registry: Registry) -> Assembled:
    """Build every part that the recipe names, from the recipe's seed.

    Every input column is a binding of its own and has the recipe's backbone.
    """
    device = choose_device(recipe.device)
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    strategy: Strategy = registry.get("strategies", recipe.strategy.name).resolve()(**recipe.strategy.options)
    source = choose_backbone(recipe.backbone, registry)
    info = source.info()
    if strategy.needs_pretrained and not info.pretrained:
        raise UsageError(
            f"strategy {recipe.strategy.name!r} needs a pretrained encoder, and {info.name!r} is not.",
            "Train all of it: --set strategy=full",
        )
    for column in task.inputs:
        if column.type_name != info.modality:
            raise UsageError(
                f"backbone {info.name!r} reads {info.modality}, and {column.name!r} is {column.type_name}.",
                "Choose another: vertikit show NAME tells what a backbone reads.",
            )
    backbones: dict[str, Backbone] = {column.name: source.build() for column in task.inputs}
    torch.manual_seed(recipe.seed)
    for backbone in backbones.values():
        strategy.apply(backbone)
    width = sum(backbone.info.width for backbone in backbones.values())
    make_head = registry.get("heads", recipe.head.name).resolve()
    head = make_head(width=width, labels=labels, **recipe.head.options)
    loss: Loss = registry.get("losses", recipe.loss.name).resolve()(**recipe.loss.options)
    model = Model(backbones, {task.target.name: head})
    model.to(device)
    initial = {name: value.clone() for name, value in model.trained_state().items()}
    return Assembled(model, backbones, head, strategy, loss, labels, device, initial)


def choose_device(name: str) -> torch.device:
    """The device of a recipe; "auto" takes a GPU where there is one. UsageError where it is not there."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(name)
    there = {
        "cpu": True,
        "mps": torch.backends.mps.is_available(),
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
    }
    if not there[device.type]:
        raise UsageError(f"device {name!r} is not on this machine.", "Use device=auto or device=cpu.")
    return device
