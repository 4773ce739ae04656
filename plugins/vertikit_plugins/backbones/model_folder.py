"""A model folder on disk: its JSON files, its card, the shapes and the sha256 of its weights."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from vertikit import UsageError, VertikitError


def weights_sha256(folder: Path) -> str:
    """sha256 over the safetensors files, in order of their names; of the file itself where there is one."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.safetensors")):
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def weight_shapes(folder: Path, name: str) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every weight, from the headers alone."""
    from safetensors import SafetensorError, safe_open

    found: dict[str, tuple[int, ...]] = {}
    for path in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(path, framework="numpy") as file:
                found.update({key: tuple(file.get_slice(key).get_shape()) for key in file.keys()})  # noqa: SIM118
        except SafetensorError as error:
            raise VertikitError(
                f"backbone {name!r}: {path.name} is damaged: {brief(error)}", "Copy or download it again."
            ) from error
    return {key: shape for key, shape in found.items() if not key.endswith("position_ids")}


def read_json(path: Path, name: str) -> dict[str, Any]:
    """The mapping in a JSON file of backbone `name`."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"backbone {name!r}: {path.name} cannot be read: {brief(error)}", "Mend it."
        ) from error
    return value if isinstance(value, dict) else {}


def optional_json(path: Path) -> dict[str, Any]:
    """The same, or nothing where there is no such file."""
    return read_json(path, path.parent.name) if path.is_file() else {}


def front_matter(path: Path) -> dict[str, Any]:
    """The YAML header of a model card."""
    import yaml

    if not path.is_file():
        return {}
    parts = path.read_text(encoding="utf-8", errors="replace").split("---\n", 2)
    if len(parts) < 3:
        return {}
    try:
        value = yaml.safe_load(parts[1])
    except yaml.YAMLError:
        return {}
    return value if isinstance(value, dict) else {}


def brief(error: Exception) -> str:
    """The first line of an error of a library, bounded."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
