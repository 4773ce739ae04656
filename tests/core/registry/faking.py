"""Plugins made for a test: a distribution with an entry point and one module, in a folder of its own."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent
from uuid import uuid4

import pytest

from vertikit.registry import PluginRecord, Registry
from vertikit.registry.loading import GROUP

HEADER = "from vertikit import hookimpl\n"


@dataclass
class FakePlugins:
    """Writes plugins and loads them by the door that real ones come in by."""

    folder: Path

    def add(self, name: str, code: str, *, distribution: str = "", version: str = "1.0") -> str:
        """Install a plugin; the name of its module."""
        module = f"{name.replace('-', '_')}_{uuid4().hex[:8]}"
        distribution = distribution or f"{name}-dist"
        (self.folder / f"{module}.py").write_text(HEADER + dedent(code), encoding="utf-8")
        info = self.folder / f"{uuid4().hex[:8]}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(f"[{GROUP}]\n{name} = {module}\n")
        return module

    def points(self) -> list[EntryPoint]:
        found = importlib.metadata.distributions(path=[str(self.folder)])
        return [point for each in found for point in each.entry_points if point.group == GROUP]

    def load(self, **environ: str) -> Registry:
        return Registry(self.points(), environ)


@pytest.fixture
def plugins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakePlugins]:
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    yield FakePlugins(folder)


def one_head(name: str, factory: str = "dict", more: str = "", then: str = "pass") -> str:
    """The code of a plugin that registers one head, and goes on with the statement `then`."""
    return dedent(f"""
        @hookimpl
        def register_heads(register):
            register({name!r}, {factory}, summary="one label" {more})
            {then}
        """)


def record(known: Registry, name: str) -> PluginRecord:
    """The record of a plugin."""
    return next(each for each in known.plugins if each.name == name)
