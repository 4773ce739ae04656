"""The weights of an encoder that training changed, or that nobody else has, as one safetensors file."""

from __future__ import annotations

from pathlib import Path

from torch import nn

from vertikit import VertikitError
from vertikit.adapt.model import trained_names

FILE = "encoder.safetensors"


def save_trained(module: nn.Module, folder: Path) -> None:
    """Write every parameter of `module` that is trained, and what goes with it."""
    _save(module, trained_names(module), folder)


def load_trained(module: nn.Module, folder: Path) -> None:
    """Read back what `save_trained` wrote; VertikitError where the file does not fit the encoder."""
    _load(module, trained_names(module), folder)


def save_all(module: nn.Module, folder: Path) -> None:
    """Write all of `module`."""
    _save(module, set(module.state_dict()), folder)


def load_all(module: nn.Module, folder: Path) -> None:
    """Read back what `save_all` wrote; VertikitError where the file does not fit the encoder."""
    _load(module, set(module.state_dict()), folder)


def _save(module: nn.Module, names: set[str], folder: Path) -> None:
    from safetensors.torch import save_file

    kept = {
        name: value.detach().cpu().contiguous()
        for name, value in module.state_dict().items()
        if name in names
    }
    folder.mkdir(parents=True, exist_ok=True)
    save_file(kept, folder / FILE)


def _load(module: nn.Module, expected: set[str], folder: Path) -> None:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        weights = load_file(folder / FILE)
    except (OSError, SafetensorError) as error:
        raise VertikitError(
            f"model file {FILE} cannot be read: {error}",
            "The run folder is damaged: copy it again, or train again.",
        ) from error
    if set(weights) != expected:
        raise VertikitError(
            f"model file {FILE} does not fit the encoder: {len(expected ^ set(weights))} weights differ in name.",
            "The run was made with another encoder or version: train again.",
        )
    module.load_state_dict(weights, strict=False)
