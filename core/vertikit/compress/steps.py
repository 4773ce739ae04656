"""The steps by which an encoder is made smaller: applied one after another, kept with the run, and taken again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.pretraining import remember
from vertikit.contracts import Backbone, Compressor, Items
from vertikit.errors import UsageError, VertikitError

if TYPE_CHECKING:
    from collections.abc import Callable

    from vertikit.recipe.model import Choice
    from vertikit.registry import Registry

FILE = "smaller.safetensors"
"""The weights of an encoder that was made smaller, whole."""
SEEN = 2000
"""Training rows that a step looks at, drawn at random, at most."""


@dataclass(frozen=True)
class Step:
    """A compressor of a recipe. `told` is what it did."""

    name: str
    compressor: Compressor
    told: str = ""


def build_steps(chosen: Sequence[Choice], registry: Registry) -> list[Step]:
    """The recipe's compressors in their order; UsageError where something stands after one that comes last."""
    found = []
    for choice in chosen:
        component = registry.get("compressors", choice.name)
        component.require()
        found.append(Step(choice.name, component.resolve()(**choice.options)))
    for before, after in pairwise(found):
        if before.compressor.last:
            raise UsageError(
                f"compress.steps: {after.name} cannot follow {before.name}, after which an encoder stays as it is.",
                f"Name {before.name} last.",
            )
    return found


def apply_steps(
    steps: Sequence[Step], backbone: Backbone, items: Callable[[], Items], seed: int
) -> list[Step]:
    """Take the steps on that encoder; `items` gives those of its training rows as it reads them by then."""
    done = []
    for step in steps:
        seen = items()
        count = len(seen.lengths)
        rows = np.sort(np.random.default_rng(seed).permutation(count)[:SEEN])
        backbone.module.eval()
        done.append(Step(step.name, step.compressor, step.compressor.apply(backbone, seen, rows)))
        backbone.module.eval()
    remember(backbone)
    return done


def save_steps(steps: Sequence[Step], backbone: Backbone, folder: Path) -> None:
    """Write what `restore_steps` reads, weights included, into a folder."""
    from safetensors.torch import save_file

    for at, step in enumerate(steps):
        own = _folder(folder, at, step)
        own.mkdir(parents=True)
        step.compressor.save(backbone, own)
    if not any(step.compressor.last for step in steps):
        weights = {key: value.cpu().contiguous() for key, value in backbone.module.state_dict().items()}
        save_file(weights, folder / FILE)


def restore_steps(steps: Sequence[Step], backbone: Backbone, folder: Path) -> None:
    """Bring an encoder as its source builds it into the form that was kept; VertikitError where that is damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        for at, step in enumerate(steps):
            step.compressor.restore(backbone, _folder(folder, at, step))
        if not any(step.compressor.last for step in steps):
            backbone.module.load_state_dict(load_file(folder / FILE))
    except (OSError, SafetensorError, RuntimeError, KeyError, ValueError, AttributeError) as error:
        raise VertikitError(
            f"{folder}: the smaller encoder cannot be read: {_brief(error)}.",
            "Copy the run again, or make it again.",
        ) from error
    backbone.module.eval()
    remember(backbone)


def weight_bytes(module: Any) -> int:
    """Bytes of the weights of a network, those in a graph of its own included."""
    own = sum(each.numel() * each.element_size() for each in (*module.parameters(), *module.buffers()))
    return int(own) + sum(int(getattr(each, "graph_bytes", 0)) for each in module.modules())


def _folder(folder: Path, at: int, step: Step) -> Path:
    return folder / f"{at + 1}-{step.name}"


def _brief(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200].rstrip(".")
