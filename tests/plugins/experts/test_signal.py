"""The expert on windows: its columns, that a window's values are its own, and what it says of plain rows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tests.plugins.splits.made import examples
from vertikit import Card, Label, Protocol, Series, Task
from vertikit.windows import Windows
from vertikit_plugins.experts.signal import Signal
from vertikit_plugins.signals.statistics import statistics

TASK = Task(
    name="plant/state",
    summary="looks at sensors",
    columns=(Series("a"), Series("b", required=False), Label("state")),
    protocol=Protocol(splits=("grouped",), primary="accuracy", metrics=(), baselines=(), why=""),
    card=Card(intended_use="", population="", limits=""),
)


def windowed(lengths):
    readings = np.random.default_rng(0).normal(size=(200, 2))
    start = np.arange(len(lengths)) * 15
    stop = start + np.array(lengths)
    made = examples(["x"] * len(lengths))
    return replace(made, windows=Windows(readings, ("a", "b"), start, stop, stop))


def test_every_sensor_has_its_columns_in_the_order_of_the_windows():
    expert, made = Signal(sets="statistics"), windowed([40, 10, 40, 33])
    assert expert.begin(TASK, ("a", "b")) == ""
    found = expert.features(made, None)
    assert set(found) == {column.name for column in expert.columns()}
    windows = made.windows
    for at in range(4):
        own = windows.readings[windows.start[at] : windows.stop[at], 1][None]
        assert found["b.mean"][at] == statistics(own)["mean"][0]
    assert {column.of for column in expert.columns()} == {"a", "b"}


def test_a_window_has_the_same_values_in_any_company():
    expert, made = Signal(), windowed([40, 64, 40, 64, 33])
    expert.begin(TASK, ("a", "b"))
    together = expert.features(made, None)
    for at in range(5):
        alone = expert.features(made.take(np.array([at])), None)
        for name, values in alone.items():
            np.testing.assert_allclose(values, together[name][[at]], rtol=0, atol=1e-9, err_msg=name)


def test_it_has_nothing_to_say_of_rows():
    assert "reshape.window" in Signal().begin(TASK, ())
