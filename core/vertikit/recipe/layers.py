"""What a user says of a recipe: a YAML file, and `--set KEY=VALUE`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from vertikit.errors import UsageError
from vertikit.recipe.dialect import read

MOST_BYTES = 1_000_000


def load_recipe_file(path: Path) -> dict[str, Any]:
    """The mapping in a YAML file; UsageError in one line where there is none to be had."""
    do = "`vertikit show TASK --recipe` prints one to start from."
    try:
        if path.is_dir():
            raise UsageError(f"the recipe {path} is a folder, not a YAML file.", do)
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise UsageError(f"the recipe {path} has {size:,} bytes: that is no recipe.", do)
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"there is no recipe file {path}.", do) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"the recipe {path} is not UTF-8 text (byte {error.start}).", do) from None
    except OSError as error:
        raise UsageError(f"the recipe {path} cannot be read: {error.strerror}.") from None
    try:
        value = read(text)
    except yaml.YAMLError as error:
        raise UsageError(f"the recipe {path} is not valid YAML{_where(error)}.", "Mend that line.") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageError(f"the recipe {path} holds no `key: value` lines.", do)
    return value


def _where(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        problem = error.problem or error.context or ""
        mark = error.problem_mark or error.context_mark
        return (f", line {mark.line + 1}" if mark else "") + f": {problem}"
    return f": {str(error).splitlines()[0]}"


def parse_set(settings: Sequence[str]) -> dict[str, Any]:
    """`("a.b=1", "c=[x, y]")` -> `{"a": {"b": 1}, "c": ["x", "y"]}`, values read as YAML.

    `strategy=NAME` and `strategy.rank=16` combine, in either order; of two values for one key the later holds.
    """
    tree: dict[str, Any] = {}
    for setting in settings:
        key, sign, text = setting.partition("=")
        parts = [part.strip() for part in key.split(".")]
        if not sign or not all(parts):
            raise UsageError(
                f"--set {setting!r} is not of the form KEY=VALUE.", "For instance: --set optimiser.rate=0.001"
            )
        try:
            value = read(text)
        except yaml.YAMLError as error:
            raise UsageError(
                f"--set {'.'.join(parts)}: {text!r} cannot be read{_where(error)}.",
                "Quote the value, or write a list as [a, b].",
            ) from None
        _put(tree, parts, value)
    return tree


def _put(tree: dict[str, Any], parts: list[str], value: Any) -> None:
    *path, last = parts
    for part in path:
        branch = tree.get(part)
        if not isinstance(branch, dict):
            # A bare value under a key that gets keys of its own is the name of a component.
            branch = {} if branch is None else {"name": branch}
            tree[part] = branch
        tree = branch
    if isinstance(tree.get(last), dict) and isinstance(value, str):
        tree[last]["name"] = value
    else:
        tree[last] = value
