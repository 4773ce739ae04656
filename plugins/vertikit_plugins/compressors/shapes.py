"""The sizes of a pruned module: told apart from those it was built with, kept, and given back."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

SIZES = (
    "in_features", "out_features", "in_channels", "out_channels", "num_features", "groups", "normalized_shape",
    "num_attention_heads", "num_heads", "n_heads", "all_head_size", "embed_dim", "inner_dim",
)  # fmt: skip
"""Attributes of modules that say how large they are, or what shape their outputs have."""


def sizes_of(module: nn.Module) -> dict[str, dict[str, Any]]:
    """Name of a submodule -> its sizes, and the shapes of its own parameters and buffers."""
    found: dict[str, dict[str, Any]] = {}
    for name, each in module.named_modules():
        own: dict[str, Any] = {}
        for size in SIZES:
            value = each.__dict__.get(size)
            if isinstance(value, int | tuple) and not isinstance(value, bool):
                own[size] = list(value) if isinstance(value, tuple) else value
        for weight, value in (*each.named_parameters(recurse=False), *each.named_buffers(recurse=False)):
            own[f"{weight}'s shape"] = list(value.shape)
        if own:
            found[name] = own
    return found


def changed(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What of `after` is otherwise than before."""
    return {name: own for name, own in after.items() if own != before.get(name)}


def give_sizes(module: nn.Module, sizes: dict[str, dict[str, Any]]) -> None:
    """Bring submodules to these sizes; what their weights hold is of no account. KeyError where one is not there."""
    for name, own in sizes.items():
        part = module.get_submodule(name)
        for key, value in own.items():
            weight = key.removesuffix("'s shape")
            if weight == key:
                setattr(part, key, tuple(value) if isinstance(value, list) else value)
            elif weight in part._parameters:
                part.register_parameter(weight, nn.Parameter(torch.zeros(value)))
            else:
                held = part.get_buffer(weight)
                part.register_buffer(weight, torch.zeros(value, dtype=held.dtype))
