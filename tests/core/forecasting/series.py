"""Series to foretell, a task that does, and the stage that prepares them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from vertikit import Card, Future, Group, Protocol, Task, Time
from vertikit.prepare.prepared import Prepared, Sources
from vertikit.prepare.preparing import prepare
from vertikit.recipe.model import Recipe
from vertikit.registry import registry

TASK = Task(
    name="town/load",
    summary="Foretells the load of meters.",
    columns=(
        Time("time", help="when it was read", to_come=True),
        Group("series", help="which meter", required=False, kept_whole=False),
        Future("load", help="what it read", minimum=0),
    ),
    protocol=Protocol(
        splits=("walk-forward", "official"),
        primary="mase",
        metrics=("wql", "interval_coverage", "standardised_mse", "standardised_mae", "by_horizon"),
        baselines=("seasonal-naive", "repeat-last", "drift", "exponential-smoothing"),
        why="What is foretold lies after all that was learnt.",
    ),
    card=Card(intended_use="Tests.", population="None.", limits="All."),
    recipe={
        "backbone": "dlinear",
        "strategy": "full",
        "head": "quantiles",
        "loss": "pinball",
        "policy": "as-foretold",
        "calibration": "none",
        "refit": "never",
        "optimiser": {"rate": 5e-3, "encoder_rate": 5e-3},
        "batch": {"rows": 64},
        "epochs": 4,
        "evaluation": {"bootstrap": 20},
    },
    further=True,
    unit="forecasts",
)
RESHAPE: dict[str, Any] = {"context": 48, "horizon": 12}


def meter(name: str, days: int, level: float, seed: int = 0) -> pd.DataFrame:
    """Hourly readings with a daily course, some noise, and a temperature that says nothing."""
    time = pd.date_range("2024-01-01", periods=24 * days, freq="h")
    random = np.random.default_rng(seed)
    course = 2 + np.sin(np.arange(len(time)) * 2 * np.pi / 24) + 0.1 * random.standard_normal(len(time))
    return pd.DataFrame(
        {
            "time": time.strftime("%Y-%m-%d %H:%M:%S"),
            "series": name,
            "load": (level * course).round(4),
            "temperature": random.standard_normal(len(time)).round(2),
        }
    )


def prepared(
    data: Any,
    folder: Path,
    *,
    told: list[str] | None = None,
    task: Task = TASK,
    mapping: Mapping[str, str] | None = None,
    reshape: Mapping[str, Any] | None = None,
    tests: Mapping[str, tuple[Any, ...]] | None = None,
    **recipe: Any,
) -> Prepared:
    """The data under a recipe with those keys, as training prepares it."""
    folder.mkdir(exist_ok=True)
    place = folder / f"work-{len(list(folder.iterdir()))}"
    place.mkdir()
    names = dict.fromkeys(("backbone", "strategy", "head", "loss", "policy"), "any")
    chosen = Recipe.model_validate({**names, "reshape": {**RESHAPE, **(reshape or {})}, **recipe})
    sources = Sources(
        tuple(data) if isinstance(data, list) else (data,), tests=tests or {}, mapping=mapping or {}
    )
    return prepare(task, sources, chosen, registry(), place, (told if told is not None else []).append)


def wide(*meters: pd.DataFrame) -> pd.DataFrame:
    """The same with a column a meter."""
    columns = {each["series"].iloc[0]: each.set_index("time")["load"] for each in meters}
    return pd.concat(columns, axis=1).reset_index()
