"""The record of one plugin: where it is from, what it registers, what is wrong with it and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import Literal

import pluggy

from vertikit.errors import nearest
from vertikit.registry.component import Component

OWN_DISTRIBUTION = "vertikit"


@dataclass
class PluginRecord:
    """One discovered plugin: where it is from, what it registers, and whether it works."""

    name: str
    version: str
    distribution: str
    state: Literal["ok", "broken", "disabled"] = "ok"
    reason: str = ""
    cure: str = ""
    registers: list[Component] = field(default_factory=list)
    traceback: str = ""


def distribution_of(point: EntryPoint) -> tuple[str, str]:
    """Name and version of the distribution that an entry point is from."""
    if point.dist is None:
        return "unknown", "unknown"
    return point.dist.name or "unknown", point.dist.version or "unknown"


def cure_for(record: PluginRecord, error: BaseException) -> str:
    """What to do about a broken plugin."""
    leave_out = f"or leave it out with VERTIKIT_DISABLE={record.name}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"pip install {error.name.partition('.')[0]}, {leave_out}"
    if isinstance(error, pluggy.PluginValidationError):
        return f"its author must mend the hook's name or parameters (vertikit.hookspecs), {leave_out}"
    return f"update or mend {record.distribution}, {leave_out}"


MOST_NAMED = 80
"""Components that a message still lists where none of them is near."""


def who_offers(name: str, components: Iterable[Component]) -> str:
    """The components named much like `name`, with their plugins; where none is, all, or where they are listed."""
    plugins: dict[str, str] = {}
    for component in components:
        plugins.setdefault(component.name, component.plugin)
    near = nearest(name, plugins)
    if near:
        return f"Did you mean {' or '.join(f'{each!r} (of plugin {plugins[each]!r})' for each in near)}?"
    by_plugin = [
        f"{', '.join(each for each in plugins if plugins[each] == plugin)} (of plugin {plugin!r})"
        for plugin in sorted(set(plugins.values()))
    ]
    if len(plugins) > MOST_NAMED:
        return f"`vertikit plugins list` names the {len(plugins)} that are known."
    return f"Known: {'; '.join(by_plugin)}." if plugins else ""
