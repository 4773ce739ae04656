"""The record of one plugin: where it is from, what it registers, what is wrong with it and how to mend it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint
from typing import Literal

import pluggy

from vertikit.errors import nearest
from vertikit.registry.component import Component
from vertikit.registry.contract import TooNewError, TooOldError

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
    notes: list[str] = field(default_factory=list)
    """What its author should know of, though it works."""
    seconds: float = 0.0
    """That its import took."""


def distribution_of(point: EntryPoint) -> tuple[str, str]:
    """Name and version of the distribution that an entry point is from."""
    if point.dist is None:
        return "unknown", "unknown"
    metadata = point.dist.metadata  # read once: each look parses the whole file
    return metadata["Name"] or "unknown", metadata["Version"] or "unknown"


def cure_for(record: PluginRecord, error: BaseException) -> str:
    """What to do about a broken plugin."""
    leave_out = f"or leave it out with VERTIKIT_DISABLE={record.name}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"pip install {error.name.partition('.')[0]}, {leave_out}"
    if isinstance(error, TooNewError):
        return f"pip install --upgrade {OWN_DISTRIBUTION}, {leave_out}"
    if isinstance(error, TooOldError):
        return f"pip install --upgrade {record.distribution}, {leave_out}"
    if isinstance(error, pluggy.PluginValidationError):
        return f"its author must mend the hook's name or parameters (vertikit.hookspecs), {leave_out}"
    return f"update or mend {record.distribution}, {leave_out}"


SLOW_SECONDS = 0.3
"""An import of a plugin that takes longer is named: every command waits for it."""


def slow_note(seconds: float, brought: Iterable[str]) -> str:
    """What to say of an import that took so long and brought these modules; "" where it was quick."""
    if seconds < SLOW_SECONDS:
        return ""
    counts = Counter(name.partition(".")[0] for name in brought)
    heavy = [name for name, count in counts.most_common(4) if count > 20]
    with_them = f", with {', '.join(heavy)}" if heavy else ""
    return (
        f"slow: its import takes {seconds:.1f} s{with_them}, and every command waits for it; its author should import "
        "what is heavy at first use"
    )


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
