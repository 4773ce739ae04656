"""The record of one registered name, and its import at first use."""

from __future__ import annotations

import importlib
import importlib.metadata
import re
from dataclasses import dataclass
from typing import Any

from vertikit.errors import UsageError, VertikitError

FAMILIES = {
    "tasks": "task",
    "loaders": "loader",
    "recordings": "recording",
    "pictures": "picture",
    "backbones": "backbone",
    "heads": "head",
    "losses": "loss",
    "metrics": "metric",
    "splits": "split",
    "strategies": "strategy",
    "experts": "expert",
    "policies": "policy",
    "baselines": "baseline",
    "explainers": "explainer",
    "compressors": "compressor",
    "exporters": "exporter",
    "commands": "verb",
}
"""Family of components (its hook is register_<family>) -> the word for one of it."""

OBJECTS = frozenset({"tasks", "metrics", "commands"})
"""Families whose factory is the thing itself, and is not called."""

_DISTRIBUTION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]*")
_TASK_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*/[a-z0-9][a-z0-9_-]*")
_PATH = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


@dataclass(frozen=True)
class Component:
    """What a plugin registered under one name: validated here, imported only by `resolve`."""

    family: str
    name: str
    factory: Any
    summary: str
    requires: tuple[str, ...]
    install: str
    plugin: str

    def __post_init__(self) -> None:
        what = f"{FAMILIES[self.family]} {self.name!r}"
        pattern = _TASK_NAME if self.family == "tasks" else _NAME
        if not isinstance(self.name, str) or not pattern.fullmatch(self.name):
            form = "vertical/task" if self.family == "tasks" else "one word"
            raise ValueError(f"{what}: a name is {form} of lower-case letters, digits, - and _")
        if not isinstance(self.summary, str) or not self.summary.strip():
            raise ValueError(f"{what}: a summary of one sentence is missing")
        if isinstance(self.factory, str) and not _PATH.fullmatch(self.factory):
            raise ValueError(f"{what}: the factory {self.factory!r} is not of the form import.path:Name")
        if self.factory is None:
            raise ValueError(f"{what}: the factory is None")
        if not (isinstance(self.factory, str) or callable(self.factory) or self.family in OBJECTS):
            raise ValueError(f"{what}: the factory is neither a callable nor an import.path:Name")
        for name in self.requires:
            if not isinstance(name, str) or not _DISTRIBUTION.fullmatch(name):
                raise ValueError(f"{what}: requires {name!r} is no name of a distribution (without versions)")

    def missing(self) -> tuple[str, ...]:
        """The required distributions that are not installed."""
        return tuple(name for name in self.requires if not _installed(name))

    @property
    def installing(self) -> str:
        """What to type so that nothing is missing."""
        return self.install or "pip install " + " ".join(self.missing() or self.requires)

    def require(self) -> None:
        """UsageError with what to install where a requirement is missing; nothing is imported."""
        missing = self.missing()
        if missing:
            what = f"{FAMILIES[self.family]} {self.name!r} needs {', '.join(missing)}."
            raise UsageError(what, f"Install it: {self.installing}")

    def resolve(self) -> Any:
        """The factory itself, imported; one line on what to install, or on which plugin is at fault."""
        word = FAMILIES[self.family]
        self.require()
        if not isinstance(self.factory, str):
            return self.factory
        module, _, attribute = self.factory.partition(":")
        try:
            return getattr(importlib.import_module(module), attribute)
        except Exception as error:
            raise VertikitError(
                f"{word} {self.name!r} of plugin {self.plugin!r} cannot be imported from {self.factory}: {error}.",
                f"Mend or update the plugin, or leave it out with VERTIKIT_DISABLE={self.plugin}.",
            ) from error


def _installed(distribution: str) -> bool:
    try:
        importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True
