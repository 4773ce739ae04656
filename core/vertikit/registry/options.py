"""The options of a component, read off its factory's signature."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from vertikit.registry.component import OBJECTS, Component

BY_ENGINE: Mapping[str, tuple[str, ...]] = {
    "heads": ("width", "labels", "numbers", "oddness", "findings", "forecast"),
    "baselines": ("inputs", "seed"),
}
"""Family -> the parameters of its factories that the engine fills, so that no recipe sets them."""

REQUIRED = inspect.Parameter.empty
"""The default of an option that has none."""

_BY_NAME = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_ARGUMENT = re.compile(r"^\s*(\w+(?:, \w+)*)(?: \([^)]*\))?: (\S.*)$")


@dataclass(frozen=True)
class Option:
    """One keyword of a factory; `hint` is Any where the annotation cannot be read."""

    name: str
    hint: Any
    default: Any
    help: str = ""

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


@dataclass(frozen=True)
class Options:
    """What a factory takes; `open_ended` where it takes names beyond these (`**options`)."""

    known: Mapping[str, Option]
    open_ended: bool = False


def options_of(component: Component) -> Options:
    """The options that a recipe may set; VertikitError where the component cannot be imported.

    Tasks and metrics are objects, not factories, and have none.
    """
    if component.family in OBJECTS:
        return Options({})
    factory = component.resolve()
    if not callable(factory):
        return Options({})
    return signature_options(factory, without=BY_ENGINE.get(component.family, ()))


def signature_options(factory: Callable[..., Any], without: tuple[str, ...] = ()) -> Options:
    """The keywords of a callable with their types, defaults and the `Args:` lines of its docstring."""
    try:
        signature = inspect.signature(factory)
    except (TypeError, ValueError):  # a built-in without a signature
        return Options({}, open_ended=True)
    helps = _argument_lines(factory)
    known = {}
    open_ended = False
    for name, parameter in signature.parameters.items():
        if parameter.kind is parameter.VAR_KEYWORD:
            open_ended = True
        elif parameter.kind in _BY_NAME and name not in without:
            hint = _hint(factory, parameter.annotation)
            known[name] = Option(name, hint, parameter.default, helps.get(name, ""))
    return Options(known, open_ended)


def _hint(factory: Callable[..., Any], annotation: Any) -> Any:
    """The type behind an annotation; Any where its names are imported for type checkers alone."""
    if annotation is inspect.Parameter.empty:
        return Any
    module = sys.modules.get(getattr(factory, "__module__", "") or "")
    holder = SimpleNamespace(__annotations__={"value": annotation})
    try:
        return typing.get_type_hints(
            holder, globalns=dict(vars(module)) if module else {}, include_extras=True
        )["value"]
    except Exception:
        # An annotation is the plugin's own expression: whatever it raises, its values go unchecked here.
        return Any


def _argument_lines(factory: Callable[..., Any]) -> dict[str, str]:
    """Name -> description, from `Args:` blocks of Google form (`a, b: text` describes both)."""
    found: dict[str, str] = {}
    for documented in (factory, getattr(factory, "__init__", None)):
        inside = False
        current: list[str] = []
        for line in (inspect.getdoc(documented) or "").splitlines():
            if not line.startswith(" "):
                inside, current = line.strip() == "Args:", []
                continue
            match = _ARGUMENT.match(line)
            if not inside:
                continue
            if match and len(line) - len(line.lstrip()) <= 4:
                current = match[1].split(", ")
                for name in current:
                    found.setdefault(name, match[2].strip())
            else:
                for name in current:
                    found[name] = f"{found[name]} {line.strip()}"
    return {name: text.removesuffix(".") for name, text in found.items()}
