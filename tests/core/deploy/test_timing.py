"""Runs timed where they are, and which of them no other beats."""

from __future__ import annotations

import json

import pytest

from vertikit import VertikitError
from vertikit.cli.entry import main
from vertikit.deploy.timing import timed
from vertikit.run.report.pareto import frontier


def test_a_run_is_timed_on_the_rows_that_are_given(probe_run):
    found = timed(probe_run, ["cough and fever"] * 8)
    assert 0 < found.p50 <= found.p95
    assert found.rows == 8 and found.rows_per_second > 0
    own = probe_run.model
    weights = [*own.parameters(), *own.buffers()]
    assert found.weight_bytes == sum(each.numel() * each.element_size() for each in weights)
    with pytest.raises(VertikitError, match="too few to time"):
        timed(probe_run, ["cough"] * 3)


@pytest.mark.parametrize(
    ("costs", "values", "higher", "expected"),
    [
        ([1, 2, 3], [0.5, 0.7, 0.6], True, [0, 1]),
        ([3, 2, 1], [0.5, 0.7, 0.6], False, [2, 0]),
        ([1, 1, 2], [0.5, 0.6, 0.6], True, [1]),
        ([1, 1], [0.5, 0.5], True, [0, 1]),
    ],
)
def test_the_frontier_holds_those_that_none_beats(costs, values, higher, expected):
    assert frontier(costs, values, higher) == expected


def test_times_that_a_clock_cannot_tell_apart_are_one_time():
    assert frontier([1.0, 1.05, 9.0], [0.5, 0.6, 0.7], True) == [0, 1, 2]
    assert frontier([1.0, 1.05, 9.0], [0.5, 0.6, 0.7], True, alike=1.1) == [1, 2]


@pytest.mark.slow
def test_compare_times_runs_and_draws_a_page(probe_run, notes, tmp_path, capsys):
    run, page = str(probe_run.folder), tmp_path / "both.html"
    assert main(["compare", run, run, "--data", str(notes), "--report", str(page), "--json"]) == 0
    both = json.loads(capsys.readouterr().out)
    assert all(each["timing"]["p50"] > 0 for each in both)
    text = page.read_text(encoding="utf-8")
    assert "Quality and time" in text and "Quality and size" in text
    assert "mathdefault" not in text
    assert main(["compare", run, run, "--report", str(page)]) == 2
    assert "Give --data ROWS" in capsys.readouterr().err
