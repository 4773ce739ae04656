"""A program in model.pt2, run by torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


class Part:
    """Settings: inputs and outputs, their names in order."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        import torch

        del arrays
        self._module = torch.export.load(str(folder / "model.pt2")).module()
        self._settings = settings

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Arrays by name -> arrays by name."""
        import torch

        with torch.no_grad():
            found = self._module(*(torch.from_numpy(inputs[name]) for name in self._settings["inputs"]))
        return {name: each.numpy() for name, each in zip(self._settings["outputs"], found, strict=True)}
