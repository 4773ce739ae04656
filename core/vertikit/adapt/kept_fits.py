"""Fits on disk: the checkpoints of one under way, and what a finished one changed."""

from __future__ import annotations

import json
from pathlib import Path

from vertikit.adapt.model import Model

DONE = "DONE"
"""Written into a checkpoint when it is whole: the trainer's own writing is not atomic."""


def last_checkpoint(folder: Path) -> Path | None:
    """The last whole one, if there is any."""
    whole = [each.parent for each in folder.glob(f"checkpoint-*/{DONE}")]
    return max(whole, key=lambda each: int(each.name.partition("-")[2]), default=None)


def set_down(model: Model, folder: Path, finished: Path, epochs: list[dict[str, float]]) -> None:
    """Keep what training changed, and its epochs in `finished`, which is there when all is."""
    from safetensors.torch import save_file

    state = {name: value.detach().cpu().contiguous() for name, value in model.trained_state().items()}
    save_file(state, folder / "finished.safetensors")
    part = finished.with_suffix(".part")
    part.write_text(json.dumps(epochs), encoding="utf-8")
    part.rename(finished)


def take_up(model: Model, folder: Path, finished: Path) -> list[dict[str, float]]:
    """Give the model what `set_down` kept; its epochs."""
    from safetensors.torch import load_file

    model.load_state_dict(load_file(folder / "finished.safetensors"), strict=False)
    epochs: list[dict[str, float]] = json.loads(finished.read_text(encoding="utf-8"))
    return epochs
