"""A plugin that offers the task of `series`, and a run of it."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

import vertikit
from tests.core.forecasting.series import RESHAPE, meter
from vertikit.registry import registry

CODE = """
from vertikit import hookimpl

@hookimpl
def register_tasks(register):
    register("town/load", "tests.core.forecasting.series:TASK", summary="foretells the load of meters")
"""


@pytest.fixture(scope="session", autouse=True)
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The plugin is installed, as others find it: by its entry point."""
    folder = tmp_path_factory.mktemp("town")
    info = folder / "town_kit-1.0.dist-info"
    info.mkdir()
    (folder / "town_kit.py").write_text(CODE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: town-kit\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[vertikit]\ntown = town_kit\n")
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    registry.cache_clear()
    yield
    sys.path.remove(str(folder))
    registry.cache_clear()


@pytest.fixture(scope="session")
def rows() -> pd.DataFrame:
    """Two meters over 25 days, one a hundred times the other."""
    return pd.concat([meter("a", 25, 10), meter("b", 25, 1000, seed=1)], ignore_index=True)


@pytest.fixture(scope="session")
def run(rows: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    """Trained on it, with the temperature known ahead."""
    output: Path = tmp_path_factory.mktemp("runs") / "town"
    reshape = {**RESHAPE, "known_ahead": ["temperature"]}
    return vertikit.train("town/load", rows, output=output, progress=False, reshape=reshape)
