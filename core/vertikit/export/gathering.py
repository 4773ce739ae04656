"""The parts of an export: their source files copied, what they have learnt beside them."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from vertikit.contracts import Portable
from vertikit.errors import VertikitError

PACKAGE = "parts"
PROGRAM = ("vertikit.export.program.rows", "vertikit.export.program.answers")
MAIN = "vertikit.export.program.predict"
_OURS = re.compile(r"^from ([\w.]+) import (.+)$", re.MULTILINE)
ALLOWED = frozenset({"numpy", "onnxruntime", "tokenizers", "torch"})


def write_sources(parts: Iterable[Portable], folder: Path, *, program: bool) -> None:
    """Copy what the parts, and where asked the program, need into `folder`/parts; VertikitError for a file that imports
    what is not copied."""
    wanted = dict.fromkeys(module for part in parts for module in part.modules)
    if program:
        wanted |= dict.fromkeys(PROGRAM)
    names = {module: module.rpartition(".")[2] for module in wanted}
    if len(set(names.values())) < len(names):
        raise VertikitError(
            f"two parts of this run have files of one name ({', '.join(sorted(names))}).",
            "Tell the authors of the plugins.",
        )
    (folder / PACKAGE).mkdir()
    (folder / PACKAGE / "__init__.py").write_text('"""What the program is made of."""\n', encoding="utf-8")
    for module, name in names.items():
        (folder / PACKAGE / f"{name}.py").write_text(_source(module, names), encoding="utf-8")
    if program:
        (folder / "predict.py").write_text(_source(MAIN, names), encoding="utf-8")


def write_learnt(parts: Mapping[str, Portable], folder: Path) -> dict[str, Any]:
    """Write arrays and files; what model.json says of the parts."""
    arrays = {
        f"{name}/{key}": np.asarray(array)
        for name, part in parts.items()
        for key, array in part.arrays.items()
    }
    np.savez(folder / "arrays.npz", **arrays)  # type: ignore[arg-type] # its stubs take keys for options
    for part in parts.values():
        for file, content in part.files.items():
            (folder / file).write_bytes(content)
    return {
        name: {"module": f"{PACKAGE}.{part.modules[-1].rpartition('.')[2]}", "settings": dict(part.settings)}
        for name, part in parts.items()
    }


def _source(module: str, names: Mapping[str, str]) -> str:
    """A source file with its imports of copied files turned to the copies."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        raise VertikitError(f"{module} has no source file to copy.", "Tell the author of the plugin.")
    text = Path(found.origin).read_text(encoding="utf-8")

    def turned(match: re.Match[str]) -> str:
        where, what = match.groups()
        if where in names:
            return f"from {PACKAGE}.{names[where]} import {what}"
        pieces = [each.strip() for each in what.split(",")]
        if all(f"{where}.{each}" in names for each in pieces):
            return f"from {PACKAGE} import {what}"
        if where.partition(".")[0] == module.partition(".")[0]:
            raise VertikitError(
                f"{module} imports {where}, which is not among the files that are copied with it.",
                "Tell the author of the plugin.",
            )
        return match[0]

    return _OURS.sub(turned, text)
