"""The command line in this process, over toy plugins or over what is installed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.core.recipe.conftest import TOYS
from tests.core.registry.faking import FakePlugins, plugins
from vertikit.cli import main
from vertikit.registry import registry

__all__ = ["plugins"]


@dataclass(frozen=True)
class Typed:
    """What a command line came to."""

    status: int
    out: str
    err: str

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


Type = Callable[..., Typed]


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Commands write into an empty folder, and find the plugins of this test alone."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("VERTIKIT_TRACEBACK", raising=False)
    registry.cache_clear()
    yield
    registry.cache_clear()


@pytest.fixture
def type_in(capsys: pytest.CaptureFixture[str]) -> Type:
    """`type_in("tasks", "--json")` gives status, standard output and standard error."""

    def run(*arguments: str) -> Typed:
        capsys.readouterr()
        status = main(arguments)
        captured = capsys.readouterr()
        return Typed(status, captured.out, captured.err)

    return run


@pytest.fixture
def toys(plugins: FakePlugins, monkeypatch: pytest.MonkeyPatch) -> FakePlugins:
    """Only plugins that the test adds are loaded; the toys are one."""
    plugins.add("toys", TOYS, distribution="toy-box", version="1.5")
    monkeypatch.setenv("VERTIKIT_LOAD", "toys,broken,further")
    return plugins
