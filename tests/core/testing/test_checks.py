"""Every check passes a sound component, and fails one that is broken in just that way."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator
from typing import Any

import pytest

from vertikit.registry import FAMILIES, Component, Registry, registry
from vertikit.testing import Subject, checks_of, run_check

GENERIC = ("built", "refuses")
"""Checks of every family of factories, which are broken alike for all."""


def module_of(family: str) -> Any:
    return importlib.import_module(f"tests.core.testing.broken.{family}")


def subject_of(family: str, factory: Any) -> Subject:
    """A component that a plugin of the test's own registers, beside all that is installed."""
    name = "shop/letters" if family == "tasks" else "of-a-test"
    component = Component(family, name, factory, "of a test", (), "", "test")
    known = Registry([])
    known._components = {**registry()._components, (family, name): component}
    return Subject(component, known, getattr(module_of(family), "EXAMPLE", None))


def careless(sound: Any) -> Any:
    """The same factory with an option that raises a raw error where it makes no sense."""

    def factory(*given: Any, level: int = 1, **named: Any) -> Any:
        if level < 0:
            raise KeyError("level")
        return sound(*given, **named)

    own = inspect.signature(sound)
    option = inspect.Parameter("level", inspect.Parameter.KEYWORD_ONLY, default=1, annotation=int)
    factory.__signature__ = own.replace(parameters=[*own.parameters.values(), option])  # type: ignore[attr-defined]
    factory.probabilities = None  # type: ignore[attr-defined]
    return factory


def empty(sound: Any) -> Any:
    """A factory of the same signature that makes nothing of use."""

    def factory(*_: Any, **__: Any) -> Any:
        return object()

    factory.__signature__ = inspect.signature(sound)  # type: ignore[attr-defined]
    factory.probabilities = None  # type: ignore[attr-defined]
    return factory


def broken() -> Iterator[Any]:
    for family in FAMILIES:
        module = module_of(family)
        for name, factory in module.BROKEN.items():
            yield pytest.param(family, name, factory, id=f"{family}: {name}")
        for check in checks_of(family):
            if check.name in GENERIC:
                made = careless if check.name == "refuses" else empty
                yield pytest.param(family, check.name, made(module.SOUND), id=f"{family}: {check.name}")


@pytest.mark.parametrize(("family", "name", "factory"), broken())
def test_a_component_that_is_broken_in_one_way_fails_the_check_of_it(
    family: str, name: str, factory: Any
) -> None:
    check = next(each for each in checks_of(family) if each.name == name)
    found = run_check(check, subject_of(family, factory))
    assert found.state == "failed", found
    assert found.why and "\n" not in found.why


@pytest.mark.parametrize("family", FAMILIES)
def test_a_sound_component_passes_all_that_applies_to_it(family: str) -> None:
    subject = subject_of(family, module_of(family).SOUND)
    results = [run_check(check, subject) for check in checks_of(family)]
    assert [each for each in results if each.state == "failed"] == []
    assert sum(each.state == "passed" for each in results) >= len(results) / 2


@pytest.mark.parametrize("family", FAMILIES)
def test_every_check_has_a_title_of_its_own_and_a_component_that_breaks_it(family: str) -> None:
    checks = checks_of(family)
    assert len({check.name for check in checks}) == len(checks)
    assert all(check.family == family and check.title.strip() for check in checks)
    assert {check.name for check in checks} - set(GENERIC) == set(module_of(family).BROKEN)
