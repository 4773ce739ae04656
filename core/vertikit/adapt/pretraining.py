"""Self-supervised pretraining: an encoder made fit for the data at hand before anybody's labels are looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from vertikit.adapt.model import Model
from vertikit.adapt.trainer import TrainingData, train_model
from vertikit.contracts import Backbone, Items, PairedItems, PretextBackbone
from vertikit.errors import UsageError, VertikitError
from vertikit.progress import Progress
from vertikit.recipe import Recipe

if TYPE_CHECKING:
    from vertikit.examples import Indices

FOLDER, FILE, LOSS = "pretraining", "pretrained.safetensors", "pretext"
COLLAPSED = 0.2
"""Spread of features, as a share of what independent ones have, below which all examples have become one."""


class Pretext(Model):
    """The encoder under its pretext task: losses [B, 1] in the place of raw outputs."""

    def __init__(self, backbone: PretextBackbone, name: str, task: str) -> None:
        super().__init__({name: backbone}, {LOSS: backbone.pretext(task)}, {name: name})
        self._column = name

    def forward(self, columns: dict[str, dict[str, Tensor]]) -> dict[str, Tensor]:
        """Batches, or pairs of views, by binding -> losses."""
        return {LOSS: self.heads[LOSS](self.backbones[self._column], columns[self._column])[:, None]}


@dataclass
class Views:
    """Items whose training batches are pairs of views."""

    items: PairedItems

    def __post_init__(self) -> None:
        self.lengths, self.windows, self.left_out = (
            self.items.lengths,
            self.items.windows,
            self.items.left_out,
        )

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        return self.items.views(indices, 0, 0)

    def augmented(self, indices: Indices, epoch: int, seed: int) -> dict[str, Tensor]:
        return self.items.views(indices, epoch, seed)


@dataclass
class Plain:
    """Items as they are: what a pretext task hides and asks for is the truth."""

    items: Items

    def __post_init__(self) -> None:
        self.lengths, self.windows, self.left_out = (
            self.items.lengths,
            self.items.windows,
            self.items.left_out,
        )

    def collate(self, indices: Indices) -> dict[str, Tensor]:
        return self.items.collate(indices)


def pretrain(
    backbone: Backbone,
    name: str,
    items: Items,
    train: Indices,
    recipe: Recipe,
    device: torch.device,
    work: Path,
    progress: Progress,
) -> None:
    """Train the encoder in place by a pretext task of its own on the examples at `train`; UsageError where it has
    none."""
    learns = any(True for _ in backbone.module.parameters())
    if not learns or not isinstance(backbone, PretextBackbone) or not backbone.pretexts:
        raise UsageError(
            f"backbone {backbone.info.name!r} has no pretext task to be pretrained by.",
            "Take --set pretrain.epochs=0, or another backbone.",
        )
    task = recipe.pretrain.task or next(iter(backbone.pretexts))
    if task not in backbone.pretexts:
        raise UsageError(
            f"pretrain.task: backbone {backbone.info.name!r} has no task {task!r}.",
            f"It has {' and '.join(backbone.pretexts)}.",
        )
    rate = recipe.pretrain.rate or backbone.pretexts[task]
    torch.manual_seed(recipe.seed)
    backbone.module.requires_grad_(True)
    model = Pretext(backbone, name, task)
    model.to(device)
    own = recipe.model_copy(
        update={
            "epochs": recipe.pretrain.epochs,
            "batch": recipe.batch.model_copy(
                update={"rows": recipe.pretrain.rows, "tokens": recipe.batch.tokens * 4}
            ),
            "optimiser": recipe.optimiser.model_copy(update={"rate": rate, "schedule": "cosine"}),
        }
    )
    count = len(items.lengths)
    seen = Views(items) if isinstance(items, PairedItems) else Plain(items)
    data = TrainingData({name: seen}, LOSS, torch.zeros(count), torch.ones(count), train, None)
    groups = [{"params": list(model.parameters()), "lr": rate}]

    def tell(entry: Mapping[str, float], last: int) -> None:
        progress.line(
            f"pretraining by {task}: epoch {entry['epoch']:.0f} of {last}, loss {entry['train_loss']:.4f}"
        )

    train_model(
        model, data, lambda raw, _: raw[:, 0], own, groups, None,
        device=device, folder=work / FOLDER, tell=tell, progress=progress,
    )  # fmt: skip
    backbone.module.eval()
    spread = _spread(backbone, items, train, device)
    told = f"pretrained on {len(train):,} examples without labels; features spread over {spread:.0%} of their room"
    if spread < COLLAPSED:
        told += ": they have collapsed, and say little. Fewer epochs or a lower pretrain.rate would help"
    progress.line(told)
    remember(backbone)


def remember(backbone: Backbone) -> None:
    """Give the encoder the fingerprint of the weights that it has now: features of others must not pass for its own."""
    found = hashlib.sha256(backbone.fingerprint.encode())
    for key, value in backbone.module.state_dict().items():
        found.update(key.encode())
        found.update(value.detach().cpu().numpy().tobytes())
    for part in backbone.module.modules():
        found.update(
            str(getattr(part, "graph_sha256", "")).encode()
        )  # what runs elsewhere has no weights here
    backbone.fingerprint = found.hexdigest()


@torch.inference_mode()
def _spread(backbone: Backbone, items: Items, train: Indices, device: torch.device) -> float:
    """Standard deviation of unit features over that of independent ones, 1 / sqrt(D), of some examples."""
    some = np.sort(np.random.default_rng(0).permutation(train)[:256])
    found = []
    for start in range(0, len(some), 32):
        batch = {key: value.to(device) for key, value in items.collate(some[start : start + 32]).items()}
        found.append(torch.nn.functional.normalize(backbone.module(**batch).pooled.flatten(1), dim=1))
    together = torch.cat(found)
    return float(together.std(dim=0).mean() * together.shape[1] ** 0.5)


def load_pretrained(path: Path, backbone: Backbone) -> None:
    """Read the weights of a pretrained encoder back; VertikitError where they are damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        backbone.module.load_state_dict(load_file(path))
    except (OSError, SafetensorError, RuntimeError) as error:
        raise VertikitError(
            f"{path}: cannot be read: {str(error).splitlines()[0]}.", "Copy the run again, or train again."
        ) from error
    remember(backbone)
