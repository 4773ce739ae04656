"""A component under test: how it is built, and what its plugin says of it for the kit."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vertikit.errors import VertikitError
from vertikit.registry import Component, Registry
from vertikit.registry.options import options_of
from vertikit.testing.check import Failed, NotApplicable

EXAMPLES = "vertikit_examples"
"""The attribute of a plugin's module with examples for the kit: component -> options, or a writer of files."""


@dataclass
class Subject:
    """One component of a plugin.

    Args:
        registry: where it is registered, with all that it may need.
        example: of its plugin's `vertikit_examples`: options of its factory; for a loader and a reader of files, what
            writes one (or its import path); None where there is none.
        folder: empty, and a check's own.
        kept: what the checks of one component share, so that it is made once.
    """

    component: Component
    registry: Registry
    example: Any = None
    folder: Path = field(default_factory=Path)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """As a waiver and an example name it: "heads/clause"."""
        return f"{self.component.family}/{self.component.name}"

    @property
    def factory(self) -> Any:
        """What was registered, imported; `NotApplicable` where a package is missing that it needs."""
        if self.component.missing():
            raise NotApplicable(f"needs {', '.join(self.component.missing())}: {self.component.installing}")
        return self.component.resolve()

    @property
    def options(self) -> Mapping[str, Any]:
        """The options of its example; none where that has none."""
        return self.example if isinstance(self.example, Mapping) else {}

    @property
    def writer(self) -> Callable[..., Any]:
        """What its example writes files with; `NotApplicable` where it has none."""
        found = self.example
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            try:
                found = getattr(importlib.import_module(module), attribute)
            except (ImportError, AttributeError, ValueError) as error:
                raise Failed(f"its example {self.example!r} cannot be imported: {error}") from None
        if not callable(found):
            raise NotApplicable(
                f"no file to read: give {EXAMPLES}[{self.name!r}], a function that writes one"
            )
        writer: Callable[..., Any] = found
        return writer

    def make(self, **given: Any) -> Any:
        """The component, built with what the engine gives and the options of its example.

        `NotApplicable` where it needs options that no example gives, or something that is not on this machine.
        """
        factory = self.factory
        lacking = [
            name
            for name, option in options_of(self.component).known.items()
            if option.required and name not in self.options and name not in given
        ]
        if lacking:
            raise NotApplicable(f"needs the option {lacking[0]!r}: give {EXAMPLES}[{self.name!r}]")
        return factory(**given, **self.options)

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gave the first time it was asked for under that key."""
        if key not in self.kept:
            self.kept[key] = make()
        return self.kept[key]


def takes(factory: Any, parameter: str) -> bool:
    """Whether a factory has a parameter of that name."""
    try:
        return parameter in inspect.signature(factory).parameters
    except (TypeError, ValueError):
        return False


def refusal(error: BaseException) -> str | None:
    """What an error of the kit's own kind says, in a line; None for any other."""
    if isinstance(error, VertikitError):
        return f"{error.what} {error.do}".strip()
    return " ".join(str(error).split()) or "ValueError" if isinstance(error, ValueError) else None
