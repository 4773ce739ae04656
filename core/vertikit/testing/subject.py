"""A component under test: how it is built, and what its plugin says of it for the kit."""

from __future__ import annotations

import importlib
import inspect
import tempfile
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

OF_FILES = frozenset({"loaders", "recordings", "pictures"})
"""Families whose examples are files, and no options."""


@dataclass
class Subject:
    """One component of a plugin.

    Args:
        registry: where it is registered, with all that it may need.
        example: of its plugin's `vertikit_examples`: options of its factory, or a function of an empty folder that
            gives them; for a loader and a reader of files, what writes one; for both also the import path of the
            function; None where there is none.
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
        if isinstance(self.example, Mapping):
            return self.example
        if self.example is None or self.component.family in OF_FILES:
            return {}
        found: Mapping[str, Any] = self.once("options", lambda: self._function()(self.lasting))
        return found

    @property
    def writer(self) -> Callable[..., Any]:
        """What its example writes files with; `NotApplicable` where it has none."""
        if self.example is None:
            raise NotApplicable(
                f"no file to read: give {EXAMPLES}[{self.name!r}], a function that writes one"
            )
        return self._function()

    def _function(self) -> Callable[..., Any]:
        """The function that its example is; `Failed` where it is none."""
        found = self.example
        if isinstance(found, str):
            module, _, attribute = found.partition(":")
            try:
                found = getattr(importlib.import_module(module), attribute)
            except (ImportError, AttributeError, ValueError) as error:
                raise Failed(f"its example {self.example!r} cannot be imported: {error}") from None
        if not callable(found):
            raise Failed(f"its example is {found!r}: give options, a function, or the import path of one")
        function: Callable[..., Any] = found
        return function

    @property
    def lasting(self) -> Path:
        """A folder for what the checks of one component share; it goes with the process, or before."""
        folder: tempfile.TemporaryDirectory[str] = self.once(
            "folder", lambda: tempfile.TemporaryDirectory(prefix="vertikit-conformance-")
        )
        return Path(folder.name)

    def make(self, **given: Any) -> Any:
        """The component, built with what the engine gives and the options of its example.

        `NotApplicable` where it needs options that no example gives, or something that is not on this machine.
        """
        factory, options = self.factory, self.options
        lacking = [
            name
            for name, option in options_of(self.component).known.items()
            if option.required and name not in options and name not in given
        ]
        if lacking:
            raise NotApplicable(f"needs the option {lacking[0]!r}: give {EXAMPLES}[{self.name!r}]")
        return factory(**given, **options)

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """What `make` gave, or raised, the first time it was asked for under that key."""
        if key not in self.kept:
            try:
                self.kept[key] = make(), None
            except Exception as error:
                self.kept[key] = None, error
        found, refused = self.kept[key]
        if refused is not None:
            raise refused
        return found


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
