"""From a recipe and an outcome to the parts of a model: backbones, head, strategy, loss."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from vertikit.adapt.beside import Beside
from vertikit.adapt.model import JOINT, Model, combined_width
from vertikit.adapt.taught import Teacher
from vertikit.columns import Column
from vertikit.compress.steps import Step
from vertikit.contracts import Backbone, Features, FittedHead, Head, LearnedBackbone, Loss, Strategy
from vertikit.errors import UsageError
from vertikit.outcome import Outcome
from vertikit.recipe import Recipe
from vertikit.registry import Registry
from vertikit.select.choosing import choose_backbone
from vertikit.table_columns import Number
from vertikit.task import Task

BESIDE = "beside"
"""Name of the numbers that join the head's input."""


@dataclass
class Assembled:
    """A model with its strategy applied, on its device, untrained but for what was pretrained.

    Args:
        model: the module. backbones: name -> backbone. bindings: input column -> backbone's name.
        tables: binding -> the columns that it reads as one table.
        joint: binding -> the texts that it reads as one.
        beside: numbers that join the head's input, where there are any.
        head: of the one target.
        strategy: applied to every backbone. loss: unreduced.
        outcome: what an answer to the target is.
        initial: what training can change, as it was before any training.
    """

    model: Model
    backbones: Mapping[str, Backbone]
    bindings: Mapping[str, str]
    tables: Mapping[str, tuple[Column, ...]]
    joint: Mapping[str, tuple[Column, ...]]
    beside: Beside | None
    head: Head
    strategy: Strategy
    loss: Loss
    outcome: Outcome
    device: torch.device
    initial: dict[str, torch.Tensor]
    pretrained: Mapping[str, Mapping[str, torch.Tensor]] = field(default_factory=dict)
    """Weights of encoders that were pretrained on the data at hand, as they were before the strategy."""
    teacher: Teacher | None = None
    """Whose answers to the examples are learnt beside the truth."""
    steps: tuple[Step, ...] = ()
    """By which the encoder was made smaller."""

    @property
    def features_once(self) -> bool:
        """Whether each distinct value goes through the encoder once: it stays frozen, pooled features do, and it reads
        values one by one; what is made for the columns of a table or for sensors is so small that it runs each time."""
        tokens = isinstance(self.head, FittedHead) and self.head.reads == "tokens"
        return self.frozen and not tokens and not self.tables

    @property
    def frozen(self) -> bool:
        """Whether the encoder stays as it is."""
        return self.strategy.features_once


def assemble(
    task: Task,
    recipe: Recipe,
    outcome: Outcome,
    registry: Registry,
    columns: Collection[str] | None = None,
    *,
    learn: Callable[[str, LearnedBackbone | Beside, tuple[Column, ...]], None] | None = None,
    pretrain: Callable[[str, Backbone], None] | None = None,
    start: Callable[[str, Backbone], None] | None = None,
) -> Assembled:
    """Build every part that the recipe names, from the recipe's seed.

    The inputs among `columns`, those that the data has (without it, all), share the recipe's backbone. One that is made
    for the data at hand is given to `learn` with its name and its columns, to be fitted or loaded. Where the recipe
    pretrains, the encoder is given to `pretrain` before the strategy touches it; and then to `start`, which may give it
    other weights to start from.
    """
    device = choose_device(recipe.device)
    if recipe.threads:
        torch.set_num_threads(recipe.threads)
    strategy: Strategy = registry.get("strategies", recipe.strategy.name).resolve()(**recipe.strategy.options)
    source = choose_backbone(recipe.backbone, registry, task.modalities)
    info = source.info()
    if strategy.needs_pretrained and not (info.pretrained or recipe.pretrain.epochs or recipe.start.run):
        raise UsageError(
            f"strategy {recipe.strategy.name!r} needs a pretrained encoder, and {info.name!r} is not.",
            "Train all of it: --set strategy=full; or pretrain it on your own: --set pretrain.epochs=30",
        )
    present = tuple(column for column in task.inputs if columns is None or column.name in columns)
    inputs = tuple(column for column in present if column.modality == info.modality)
    unread = [column for column in present if column.required and column not in inputs]
    if unread or not inputs:
        column = (unread or list(present) or list(task.inputs))[0]
        raise UsageError(
            f"backbone {info.name!r} reads {info.modality}, and {column.name!r} is {column.type_name}.",
            "Choose another: vertikit show NAME tells what a backbone reads.",
        )
    backbone = source.build()
    torch.manual_seed(recipe.seed)
    tables: dict[str, tuple[Column, ...]] = {}
    joint: dict[str, tuple[Column, ...]] = {}
    if isinstance(backbone, LearnedBackbone):
        tables[info.modality] = inputs
        bindings = {info.modality: info.modality}
        if learn is not None:
            learn(info.modality, backbone, inputs)
    elif recipe.combine == JOINT and len(inputs) > 1:
        bindings = {"+".join(column.name for column in inputs): inputs[0].name}
        joint = dict.fromkeys(bindings, inputs)
    else:
        bindings = {column.name: inputs[0].name for column in inputs}
    numbers = tuple(column for column in present if isinstance(column, Number) and column not in inputs)
    beside = Beside() if numbers else None
    if beside is not None and learn is not None:
        learn(BESIDE, beside, numbers)
    owner = next(iter(bindings.values()))
    backbones: dict[str, Backbone] = {owner: backbone}
    if pretrain is not None and recipe.pretrain.epochs:
        pretrain(owner, backbone)
        torch.manual_seed(recipe.seed)
    if start is not None:
        start(owner, backbone)
    strategy.apply(backbone)
    width = combined_width(recipe.combine, len(bindings), backbone.info.width)
    width += 0 if beside is None else beside.width
    target = task.target.name
    head = outcome.build_head(recipe.head.name, registry, width, recipe.head.options, target)
    loss: Loss = registry.get("losses", recipe.loss.name).resolve()(**recipe.loss.options)
    if isinstance(head, FittedHead):
        _check_frozen(recipe, strategy, outcome)
    else:
        check_loss(recipe, head, loss, width, outcome.tried())
    assert isinstance(head, torch.nn.Module)
    model = Model(
        backbones, {target: head}, bindings, recipe.combine, beside=BESIDE if beside is not None else ""
    )
    model.to(device)
    initial = {name: value.clone() for name, value in model.trained_state().items()}
    return Assembled(
        model, backbones, bindings, tables, joint, beside, head, strategy, loss, outcome, device, initial
    )


def _check_frozen(recipe: Recipe, strategy: Strategy, outcome: Outcome) -> None:
    """UsageError where a head that is fitted once is to stand on an encoder that would still be trained."""
    if not strategy.features_once:
        raise UsageError(
            f"head {recipe.head.name!r} is fitted on features as they are, and strategy {recipe.strategy.name!r} would "
            "train the encoder by its answers.",
            "Leave the encoder as it is: --set strategy=frozen"
            + (" (or train a head with it: --set head=softmax)" if outcome.kind == "classes" else ""),
        )


def check_loss(recipe: Recipe, head: Head, loss: Loss, width: int, truth: Sequence[Any]) -> None:
    """UsageError where the loss cannot read what the head gives."""
    wanted = head.encode(list(truth))
    try:
        with torch.no_grad():
            raw = head.forward(Features(torch.zeros(len(wanted), width)))
        raw = (raw + 0.1).requires_grad_()
        found = loss(raw, wanted)
        fits = found.shape == (len(wanted),)
        (slope,) = torch.autograd.grad(found.sum(), raw, allow_unused=True)
        alike = len({str(each) for each in truth}) < 2  # nothing tells them apart, whatever the loss
        teaches = alike or (slope is not None and bool(slope.any()))
    except (RuntimeError, ValueError, TypeError, IndexError):
        fits = teaches = False
    if fits and not teaches:
        raise UsageError(
            f"the loss {recipe.loss.name!r} teaches nothing, and the head {recipe.head.name!r} is one that is trained.",
            "Choose one that does: --set loss=NAME. `vertikit show` lists the losses.",
        )
    if not fits:
        raise UsageError(
            f"the loss {recipe.loss.name!r} does not fit the head {recipe.head.name!r}.",
            "Choose another: --set loss=NAME. `vertikit show NAME` tells what a loss compares.",
        )


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
