"""A registry of toy components, and a task that uses them: recipes need no more."""

import pytest

from tests.core.registry.faking import FakePlugins, plugins
from vertikit.registry import Registry
from vertikit.task import Task

__all__ = ["plugins"]

TOYS = '''
from typing import Annotated, Any, Literal

from pydantic import Field
from vertikit import Card, Label, Protocol, Task, Text, UsageError

TASK = Task(
    name="toy/task",
    summary="Sorts toys.",
    columns=(Text("text", help="what is said"), Label("kind")),
    protocol=Protocol(
        splits=("even",), primary="share", metrics=("share", "other"), baselines=("coin",), why=""
    ),
    card=Card(intended_use="", population="", limits=""),
    recipe={
        "backbone": "tiny",
        "strategy": "slow",
        "head": "line",
        "loss": "plain",
        "policy": {"name": "ask", "top": 5},
        "patience": 7,
    },
)


class Source:
    """One encoder.

    Args:
        length: of a window.
    """

    def __init__(self, *, length: int = 16, mode: Literal["mean", "first"] = "mean") -> None:
        self.given = {"length": length, "mode": mode}


def anywhere(*, source: str, length: int = 32) -> Any:
    found = Source(length=length)
    found.given["source"] = source
    return found


class Slow:
    defaults = {"epochs": 50, "optimiser": {"rate": 0.5}, "patience": 9}


class Fast:
    """Quick.

    Args:
        rank: of the update.
        alpha: its scale.
    """

    defaults = {"epochs": 3, "strategy": "slow"}

    def __init__(self, *, rank: int = 8, alpha: float = 1.5, targets: list[str] | None = None) -> None:
        if rank < 1:
            raise ValueError("rank is below 1")
        if alpha < 0:
            raise UsageError(f"strategy.alpha: {alpha} is below 0.", "Try 1.")


def line(width: int, labels: tuple[str, ...], *, dropout: Annotated[float, Field(ge=0, lt=1)] = 0.1) -> Any: ...


def plain(*, smoothing: float = 0.0) -> Any: ...


def whatever(**options: Any) -> Any: ...


def ask(*, top: int = 3, risk: float = 0.1, sure: bool = False) -> Any: ...


def coin(inputs: Any, seed: int) -> Any: ...


def share(truth: Any, prediction: Any) -> float:
    return 0.0


@hookimpl
def register_tasks(register):
    register("toy/task", TASK, summary="sorts toys")


@hookimpl
def register_backbones(register):
    register("tiny", Source, summary="a tiny encoder")
    register("any", anywhere, summary="an encoder from anywhere")


@hookimpl
def register_strategies(register):
    register("slow", Slow, summary="slowly")
    register("fast", Fast, summary="in haste")
    register("absent", "no_such_module_here:Absent", summary="not here")
    register("far", Slow, summary="needs more", requires="no-such-distribution-here")


@hookimpl
def register_heads(register):
    register("line", line, summary="a line")


@hookimpl
def register_losses(register):
    register("plain", plain, summary="the plain one")
    register("open", whatever, summary="takes anything")


@hookimpl
def register_policies(register):
    register("ask", ask, summary="asks")


@hookimpl
def register_baselines(register):
    register("coin", coin, summary="a coin")
    register("dice", coin, summary="two dice")


@hookimpl
def register_metrics(register):
    register("share", share, summary="of right answers")
    register("other", share, summary="another one")


@hookimpl
def register_splits(register):
    register("even", dict, summary="every second one")
'''


@pytest.fixture
def known(plugins: FakePlugins) -> Registry:
    plugins.add("toys", TOYS)
    found = plugins.load()
    assert found.plugins[0].state == "ok", found.plugins[0].traceback
    return found


@pytest.fixture
def task(known: Registry) -> Task:
    return known.task("toy/task")
