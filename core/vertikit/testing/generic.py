"""Checks that every family of factories has: it is built and has what its contract asks for, and refuses in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, get_origin

from vertikit.errors import VertikitError
from vertikit.registry import FAMILIES
from vertikit.registry.options import Option, options_of
from vertikit.testing.check import Check, Failed, NotApplicable, expect
from vertikit.testing.subject import Subject, refusal

Make = Callable[[Subject, Mapping[str, Any]], Any]
"""(subject, options beside those of its example) -> the component."""


def plain(subject: Subject, options: Mapping[str, Any]) -> Any:
    """A component whose factory takes options alone."""
    return subject.make(**options)


def built(family: str, parts: tuple[str, ...], make: Make = plain) -> Check:
    """A component is built, and has these methods and attributes."""

    def run(subject: Subject) -> None:
        found = make(subject, {})
        if lacking := [name for name in parts if not hasattr(found, name)]:
            raise Failed(f"{type(found).__name__} has no {' and no '.join(lacking)}")

    return Check(
        family, "built", f"The {FAMILIES[family]} is built and has {', '.join(parts) or 'a call'}", run
    )


def refuses(family: str, make: Make = plain) -> Check:
    """Options that make no sense are taken, or refused by an error of the kit's own kind, option by option."""

    def run(subject: Subject) -> None:
        tried = 0
        _ = subject.factory  # which says what is missing
        for name, option in options_of(subject.component).known.items():
            for odd in _odd(option):
                if name in subject.options:
                    continue
                tried += 1
                try:
                    make(subject, {name: odd})
                except (NotApplicable, Failed):
                    raise
                except Exception as error:
                    why = (
                        f"{name}={odd!r} raises {type(error).__name__}: {error}; raise UsageError with a line"
                    )
                    expect(refusal(error) is not None, why)
        if not tried:
            raise NotApplicable("it has no options that could be wrong")

    return Check(
        family,
        "refuses",
        "Options that make no sense are taken or refused in a line, not by a raw error",
        run,
    )


def _odd(option: Option) -> Iterator[Any]:
    """Values of the right type that few options can mean."""
    if option.required or get_origin(option.hint) is Literal:
        return
    match option.default:
        case bool():
            return
        case int():
            yield from (-1, 0)
        case float():
            yield from (-1.0, math.inf)
        case str():
            yield "no such thing"


def accepted(run: Callable[[], Any]) -> Any:
    """What it gives; `None` where it refuses in the kit's own words."""
    try:
        return run()
    except VertikitError:
        return None
