"""A run's encoder as training found it and as it left it, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from vertikit.adapt.model import trained_names
from vertikit.run.model_parts import load_parts

if TYPE_CHECKING:
    from vertikit.contracts import Backbone
    from vertikit.run.model_parts import ModelParts
    from vertikit.run.run import Run

REST = "the rest"
"""Weights that stand in no block."""
FEWEST = 4
"""Blocks below which every order may be luck: of three, one in six is the right one."""
CLOSE = 1e-6
"""How far a weight that is not trained may be from where it was: what a file keeps is exact, sums are not."""


@dataclass(frozen=True)
class Block:
    """A part of an encoder: its module (None where it is none of its own), and the names of its weights in the state of
    the whole."""

    name: str
    module: nn.Module | None
    weights: tuple[str, ...]


@dataclass
class Encoder:
    """An encoder before and after training.

    Args:
        parts: of the run, what was trained merged into plain weights. backbone: of these.
        before: its state as training found it. blocks: from input to output.
        untold: why that state cannot be told, or "".
    """

    parts: ModelParts
    backbone: Backbone
    before: Mapping[str, Tensor]
    blocks: tuple[Block, ...]
    untold: str = ""

    @contextmanager
    def reverted(self, block: Block) -> Iterator[None]:
        """The block as training found it, for as long as this lasts."""
        state = self.backbone.module.state_dict()
        kept = {name: state[name].clone() for name in block.weights}
        try:
            with torch.no_grad():
                for name in block.weights:
                    state[name].copy_(self.before[name])
            yield
        finally:
            with torch.no_grad():
                for name, value in kept.items():
                    state[name].copy_(value)


def read_encoder(run: Run) -> Encoder:
    """The run's encoder from its folder, and the one that its recipe starts from."""
    before: dict[str, Tensor] = {}

    def keep(_: str, backbone: Backbone) -> None:
        before.update(copied(backbone.module))

    parts = load_parts(run, keep)
    backbone = next(iter(parts.assembled.backbones.values()))
    untold = _untold(run, backbone, before)
    return merged_encoder(parts, before, untold)


def merged_encoder(parts: ModelParts, before: Mapping[str, Tensor], untold: str = "") -> Encoder:
    """Make what was trained part of the plain weights, in place, and tell the blocks apart."""
    backbone = next(iter(parts.assembled.backbones.values()))
    if not untold:
        parts.assembled.strategy.merge(backbone)
        if backbone.module.state_dict().keys() != before.keys():
            untold = "the run's encoder has other weights than the one that its recipe starts from"
    parts.assembled.model.eval()
    return Encoder(parts, backbone, before, () if untold else tuple(_blocks(backbone)), untold)


def copied(module: nn.Module) -> dict[str, Tensor]:
    """All of its weights, on their own."""
    return {name: value.detach().clone() for name, value in module.state_dict().items()}


def _untold(run: Run, backbone: Backbone, before: Mapping[str, Tensor]) -> str:
    """Why what training started from cannot be told: it was another run's, or drawn by another torch."""
    if run.recipe.compress.run is not None:
        return f"it was made smaller of another run ({run.recipe.compress.run}): ask that one what adaptation changed"
    drawn = not backbone.info.pretrained and not run.recipe.pretrain.epochs
    made_with = str((run.manifest.get("versions") or {}).get("torch", ""))
    if drawn and made_with and _release(made_with) != _release(torch.__version__):
        return f"its first weights were drawn by torch {made_with}, and torch {torch.__version__} may draw others"
    now, trained = backbone.module.state_dict(), trained_names(backbone.module)
    for name in (now.keys() & before.keys()) - trained:
        own, was = now[name], before[name].to(now[name].device)
        if own.is_floating_point() and not torch.allclose(own, was, rtol=CLOSE, atol=CLOSE):
            return f"weights that it did not train ({name}) are others than those that its recipe starts from"
    return ""


def _release(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _blocks(backbone: Backbone) -> Iterator[Block]:
    """The backbone's blocks; a mere list of modules is taken apart, the largest are where there are fewer than
    `FEWEST`, and what stands in none comes last."""
    names = {id(module): name for name, module in backbone.module.named_modules()}
    left = dict.fromkeys(backbone.module.state_dict())
    blocks = backbone.blocks()
    called = {id(block): f"layer {place}" if place else "embeddings" for place, block in enumerate(blocks)}
    for module in _enough([module for block in blocks for module in _taken_apart(block)]):
        found = names.get(id(module), "")
        own = [name for name in left if name == found or name.startswith(f"{found}.")] if found else []
        if own:
            yield Block(called.get(id(module), found), module, tuple(own))
        for name in own:
            del left[name]
    if left:
        yield Block(REST, None, tuple(left))


def _enough(modules: list[nn.Module]) -> list[nn.Module]:
    """The modules, the largest of them in parts as long as they are fewer than `FEWEST` and have parts."""
    found = list(modules)
    while len(found) < FEWEST:
        for at in sorted(range(len(found)), key=lambda at: -_size(found[at])):
            parts = _parts(found[at])
            if len(parts) > 1:
                found[at : at + 1] = parts
                break
        else:
            break
    return found


def _parts(module: nn.Module) -> list[nn.Module]:
    """What a module is made of, through those that hold one part alone; nothing where it has weights of its own."""
    if next(module.parameters(recurse=False), None) is not None:
        return []
    parts = [each for child in module.children() for each in _taken_apart(child)]
    return _parts(parts[0]) if len(parts) == 1 else parts


def _taken_apart(module: nn.Module) -> Iterator[nn.Module]:
    """The module, or what is in it where it is a list that is never called; none without weights."""
    if isinstance(module, nn.ModuleList):
        for each in module:
            yield from _taken_apart(each)
    elif next(module.parameters(), None) is not None:
        yield module


def _size(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())
