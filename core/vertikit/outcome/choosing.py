"""Heads that give the kind of answer that a target needs, told by what their factories take."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.contracts import Head
    from vertikit.registry import Registry


def build(name: str, registry: Registry, needs: str, wrong: str, **arguments: Any) -> Head:
    """The head of that name, if its factory has the parameter `needs`; UsageError `wrong` with others that have."""
    factory = registry.get("heads", name).resolve()
    if not _takes(factory, needs):
        others = [
            f"--set head={each.name}"
            for each in registry.components("heads")
            if not each.missing() and _takes(each.resolve(), needs)
        ]
        raise UsageError(wrong, f"Take {' or '.join(others)}" if others else "Choose another head.")
    head: Head = factory(**arguments)
    return head


def _takes(factory: Any, parameter: str) -> bool:
    try:
        known = inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return True
    return parameter in known or any(each.kind is each.VAR_KEYWORD for each in known.values())
