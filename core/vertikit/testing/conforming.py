"""The checks of a plugin as a test of pytest."""

from __future__ import annotations

from typing import Any

from vertikit.registry import Registry, registry
from vertikit.testing.check import Result
from vertikit.testing.running import OWN_WORDS, Case, Plugin, plugin_under_test


def conformance(plugin: str, *, known: Registry | None = None, slow: tuple[str, ...] = ()) -> Any:
    """A test function, parametrised: one test a component and check, and one for the plugin's own words.

        from vertikit.testing import conformance
        test_conforms = conformance("legal")

    A check that does not apply, or that is waived, is a skip with its reason. pytest is imported here alone.

    Args:
        plugin: the name of its entry point.
        known: the registry that it is in; without it, that of this process.
        slow: components ("backbones/large") whose tests get the mark `slow`.

    Raises:
        UsageError: there is no such plugin. VertikitError: it is broken.
    """
    import pytest

    under_test = plugin_under_test(plugin, known if known is not None else registry())
    cases = [
        pytest.param(
            case,
            id=f"{case.subject.name}: {case.check.name}",
            marks=[pytest.mark.slow] if case.subject.name in slow else [],
        )
        for case in under_test.cases
    ]

    @pytest.mark.parametrize("case", [pytest.param(under_test, id=OWN_WORDS.name), *cases])
    def test_conforms(case: Case | Plugin) -> None:
        if isinstance(case, Plugin):
            assert not case.faults, "; ".join(case.faults)
            return
        judge(case.result())

    return test_conforms


def judge(found: Result) -> None:
    """The result as pytest takes it: nothing, a failure, or a skip."""
    import pytest

    told = f"{found.component}: {found.check.name} ({found.check.title}): {found.why}"
    if found.state == "failed":
        pytest.fail(told, pytrace=False)
    if found.state == "waived":
        pytest.skip(f"waived: {told}")
    if found.state != "passed":
        pytest.skip(f"{found.state}: {found.why}")  # the same words for many, which pytest then tells once
