"""From a recipe and labels to the parts of a model: backbones, head, strategy, loss."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import torch

from vertikit.adapt.model import Model, widened
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
        model: the module. backbones: name -> backbone. bindings: input column -> backbone's name.
        head: of the one target.
        strategy: applied to every backbone. loss: unreduced.
        labels: the classes, in the order of the outputs.
        initial: what training can change, as it was before any training.
    """

    model: Model
    backbones: Mapping[str, Backbone]
    bindings: Mapping[str, str]
    head: Head
    strategy: Strategy
    loss: Loss
    labels: tuple[str, ...]
    device: torch.device
    initial: dict[str, torch.Tensor]


def assemble(
    task: Task,
    recipe: Recipe,
    labels: tuple[str, ...],
    registry: Registry,
    columns: Collection[str] | None = None,
) -> Assembled:
    """Build every part that the recipe names, from the recipe's seed.

    The inputs among `columns`, those that the data has (without it, all), share the recipe's backbone.
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
    inputs = [column for column in task.inputs if columns is None or column.name in columns]
    for column in inputs:
        if column.type_name != info.modality:
            raise UsageError(
                f"backbone {info.name!r} reads {info.modality}, and {column.name!r} is {column.type_name}.",
                "Choose another: vertikit show NAME tells what a backbone reads.",
            )
    owner = inputs[0].name
    bindings = {column.name: owner for column in inputs}
    backbones: dict[str, Backbone] = {owner: source.build()}
    torch.manual_seed(recipe.seed)
    for backbone in backbones.values():
        strategy.apply(backbone)
    width = widened(recipe.combine, len(inputs)) * info.width
    make_head = registry.get("heads", recipe.head.name).resolve()
    head = make_head(width=width, labels=labels, **recipe.head.options)
    loss: Loss = registry.get("losses", recipe.loss.name).resolve()(**recipe.loss.options)
    model = Model(backbones, {task.target.name: head}, bindings, recipe.combine)
    model.to(device)
    initial = {name: value.clone() for name, value in model.trained_state().items()}
    return Assembled(model, backbones, bindings, head, strategy, loss, labels, device, initial)


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
