"""Weights of an encoder from a file: safetensors, named arrays of NumPy, or a state dict; no code in them is run."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit import UsageError, VertikitError

if TYPE_CHECKING:
    from torch import Tensor, nn

ENDINGS = (".safetensors", ".npz", ".pt", ".pth")
NAMED = 3


def read_weights(path: Path) -> dict[str, Tensor]:
    """Name -> tensor; UsageError where there is no such file, VertikitError where it cannot be read."""
    import pickle

    import numpy as np
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    if not path.is_file():
        raise UsageError(f"backbone.weights: {path}: no such file.", "Check the path.")
    if path.suffix not in ENDINGS:
        raise UsageError(
            f"backbone.weights: {path} ends in none of {', '.join(ENDINGS)}.", "Name another file."
        )
    try:
        if path.suffix == ".safetensors":
            return dict(load_file(path))
        if path.suffix == ".npz":
            with np.load(path, allow_pickle=False) as arrays:
                return {name: torch.from_numpy(arrays[name]) for name in arrays.files}
        found = torch.load(path, map_location="cpu", weights_only=True)
    except (
        SafetensorError,
        OSError,
        ValueError,
        RuntimeError,
        pickle.UnpicklingError,
        zipfile.BadZipFile,
    ) as error:
        unsafe = (
            " (it holds more than weights, and nothing in it is run)"
            if path.suffix in (".pt", ".pth")
            else ""
        )
        raise VertikitError(
            f"backbone.weights: {path} cannot be read{unsafe}: {type(error).__name__}.",
            "Save the weights alone: safetensors.torch.save_file(model.state_dict(), FILE)",
        ) from error
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping) or not all(isinstance(each, torch.Tensor) for each in found.values()):
        raise VertikitError(
            f"backbone.weights: {path} holds no state dict.", "Save one: torch.save(model.state_dict(), FILE)"
        )
    return {str(name).removeprefix("module."): each for name, each in found.items()}


def take_weights(model: nn.Module, weights: Mapping[str, Tensor], path: Path, *, without: str) -> None:
    """Load them; what classifies (names below `without`) may be missing or of another size.

    UsageError with the names where another is missing, left over, or of another shape.
    """
    own = model.state_dict()
    wanted = {name for name in own if not name.startswith(f"{without}.")}
    lacking = sorted(name for name in wanted - weights.keys() if not name.endswith("num_batches_tracked"))
    other = sorted(name for name in wanted & weights.keys() if own[name].shape != weights[name].shape)
    more = sorted(name for name in weights.keys() - own.keys())
    for names, what in (
        (lacking, "lacks"),
        (other, "has in another shape"),
        (more, "has beside what the model knows"),
    ):
        if names:
            told = ", ".join(names[:NAMED]) + (
                f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            )
            raise UsageError(
                f"backbone.weights: {path.name} is of another model: it {what} {told}.",
                "Name the model that it was saved from: --set backbone.model=NAME",
            )
    model.load_state_dict({name: weights[name] for name in wanted & weights.keys()}, strict=False)


def file_sha256(path: Path) -> str:
    """Of the file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
