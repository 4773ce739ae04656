"""A graph in model.onnx, run by onnxruntime."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray


class Part:
    """Settings: inputs and outputs, their names in order."""

    def __init__(self, settings: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], folder: Path) -> None:
        import onnxruntime

        del arrays
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )
        self._outputs = settings["outputs"]
        self._wanted = [each.name for each in self._session.get_inputs()]

    def run(self, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Arrays by name -> arrays by name."""
        found = self._session.run(None, {name: inputs[name] for name in self._wanted})
        return dict(zip(self._outputs, found, strict=True))
