from __future__ import annotations

import pytest

from vertikit.run.report import measures
from vertikit.run.report.verdict import best_baseline
from vertikit.run.report.wording import Score, number, seconds, share, size


def test_the_best_baseline_is_the_lowest_where_lower_is_better() -> None:
    baselines = {"a": {"loss": {"value": 2.0}}, "b": {"loss": {"value": 1.0}}, "c": {"loss": {"value": None}}}
    assert best_baseline({"primary": "loss", "higher_is_better": False, "baselines": baselines}) == "b"
    assert best_baseline({"primary": "loss", "higher_is_better": True, "baselines": baselines}) == "a"


def test_a_name_that_its_summary_spells_out_is_an_abbreviation(monkeypatch: pytest.MonkeyPatch) -> None:
    meanings = {
        "sre": "squared range error: a measure",
        "aurox": "area under the ROX curve",
        "brisk": "b r i",
    }
    monkeypatch.setattr(measures, "meaning", lambda name: meanings.get(name, ""))
    assert [measures.called(name) for name in ("sre", "aurox", "brisk", "mean_f1")] == [
        "SRE",
        "AUROX",
        "Brisk",
        "Mean F1",
    ]


def test_numbers_are_written_for_people() -> None:
    space = "\N{NO-BREAK SPACE}"
    assert [number(each) for each in (0.71234, -0.0001, -0.5, None, 1234.5)] == [
        "0.712",
        "0.000",
        "−0.500",
        "–",
        "1,234.5",
    ]
    assert [share(each) for each in (0.5, 0.0217, 0.00027, 1e-9, 0)] == [
        f"50{space}%",
        f"2.2{space}%",
        f"0.027{space}%",
        f"< 0.01{space}%",
        f"0{space}%",
    ]
    assert [seconds(each) for each in (0.24, 42.1, 200, 4000)] == [
        f"0.2{space}s",
        f"42{space}s",
        "3 min 20 s",
        "1 h 6 min",
    ]
    assert size(24640) == f"24.6{space}kB"
    assert Score.of({"value": float("nan"), "ci95": [0.1, None]}) == Score(None)
