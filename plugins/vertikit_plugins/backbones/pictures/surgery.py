"""What is done to a published model to make an encoder of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from vertikit import UsageError

FEWEST_MAPPED = 1


def classifier_of(model: nn.Module) -> tuple[str, nn.Linear]:
    """(its dotted name, the last dense layer of a model that classifies)."""
    found = [(name, each) for name, each in model.named_modules() if isinstance(each, nn.Linear)]
    if not found:
        raise UsageError(
            "backbone.model: it has no dense layer at its end, and is no classifier.", "Name another."
        )
    return found[-1]


def without_classifier(model: nn.Module) -> nn.Module:
    """The model with nothing in the place of its last dense layer: it gives what that reads."""
    name, _ = classifier_of(model)
    parent, _, last = name.rpartition(".")
    setattr(model.get_submodule(parent) if parent else model, last, nn.Identity())
    return model


class Maps(nn.Module):
    """Maps [W, C_i, H_i, W_i] of the chosen layers; nothing behind the last of them is computed."""

    def __init__(self, body: nn.Module, names: Sequence[str]) -> None:
        super().__init__()
        self.body = body
        self.names = tuple(names)

    def forward(self, pixels: Tensor) -> list[Tensor]:
        found: dict[str, Tensor] = self.body(pixels)
        return [found[name] for name in self.names]


def cut_at(model: nn.Module, names: Sequence[str]) -> Maps:
    """UsageError where the model has no such layer, or one gives no map."""
    from torchvision.models.feature_extraction import create_feature_extractor

    known = [name for name, _ in model.named_modules() if name]
    for name in names:
        if name not in known:
            from vertikit.errors import did_you_mean

            raise UsageError(f"backbone.tokens_from: there is no layer {name!r}.", did_you_mean(name, known))
    try:
        body = create_feature_extractor(model, return_nodes={name: name for name in names})
    except (ValueError, RuntimeError) as error:
        raise UsageError(
            f"backbone.tokens_from: {', '.join(names)} cannot be cut out of this model.",
            "Name layers nearer to its top.",
        ) from error
    maps = Maps(body, names)
    with torch.no_grad():
        if any(each.dim() != 4 for each in maps.eval()(torch.zeros(1, 3, 64, 64))):
            raise UsageError(
                "backbone.tokens_from: not all of these layers give a map.", "Name convolutions."
            )
    return maps


def blocks(model: nn.Module) -> list[nn.Module]:
    """The parts that have weights, from input to output; those of `features` one by one."""
    parts: list[nn.Module] = []
    for name, child in model.named_children():
        inside = list(child.children()) if name == "features" else [child]
        parts += [each for each in inside if any(True for _ in each.parameters())]
    if len(parts) > 2 and isinstance(parts[0], nn.Conv2d):
        return [nn.ModuleList(parts[:2]), *parts[2:]]  # a bare convolution and its norm are one stem
    return parts


def adapter_targets(model: nn.Module) -> tuple[str, ...]:
    """Dense layers, or where there are none the convolutions that mix channels, by their dotted names."""
    dense = [name for name, each in model.named_modules() if isinstance(each, nn.Linear)]
    mixing = [
        name
        for name, each in model.named_modules()
        if isinstance(each, nn.Conv2d) and each.groups == 1 and name
    ]
    return tuple(dense or mixing[1:])


class SamePadded(nn.Conv2d):
    """A convolution padded as TensorFlow does: what cannot be shared evenly goes to the bottom and the right."""

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        around: list[int] = []
        for at in (1, 0):  # width first, as `pad` takes them
            side, kernel, stride = int(input.shape[2 + at]), self.kernel_size[at], self.stride[at]
            whole = max(
                (-(-side // stride) - 1) * stride + (kernel - 1) * int(self.dilation[at]) + 1 - side, 0
            )
            around += [whole // 2, whole - whole // 2]
        return functional.conv2d(
            functional.pad(input, around), weight, bias, self.stride, 0, self.dilation, self.groups
        )


def pad_as_tensorflow(model: nn.Module) -> None:
    """Make every padded convolution with a stride one that pads as TensorFlow does; the others pad the same anyway."""
    for each in model.modules():
        if isinstance(each, nn.Conv2d) and max(_pair(each.stride)) > 1 and max(_pair(each.kernel_size)) > 1:
            each.__class__ = SamePadded


def _pair(value: Any) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)
