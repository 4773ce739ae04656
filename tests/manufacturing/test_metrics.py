"""What alarms are judged by: counted by hand on a few examples of two machines."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from vertikit.contracts import MetricContext
from vertikit.evaluate.frame import prediction_frame
from vertikit_manufacturing.metrics import (
    best_threshold,
    f1,
    false_alarm_rate,
    false_alarms,
    faults_foreseen,
    lead_time,
    missed_alarm_rate,
)

LABELS = ("sound", "fault")
DAY, HOUR = 86_400.0, 3_600.0


def framed(scores, truth, *, unit=None, hours=None, after=None):
    scores = np.asarray(scores, float)
    frame = prediction_frame(LABELS, np.stack([1 - scores, scores], axis=1), [LABELS[each] for each in truth])
    count = len(scores)
    frame["unit"] = pd.Categorical(np.array(unit if unit is not None else ["u"] * count, object))
    frame["time"] = HOUR * np.asarray(hours if hours is not None else np.arange(count), float)
    frame["fault.after"] = HOUR * np.asarray(after if after is not None else [np.nan] * count, float)
    return frame


def at(threshold):
    return MetricContext(LABELS, learnt={"f1": threshold})


def test_rates_are_of_examples_at_the_threshold_that_was_learnt():
    frame = framed([0.9, 0.4, 0.6, 0.1, 0.2], [1, 1, 0, 0, 0])
    assert f1(frame, at(0.5)) == pytest.approx(2 * 1 / (2 * 1 + 1 + 1))
    assert false_alarm_rate(frame, at(0.5)) == pytest.approx(1 / 3)
    assert missed_alarm_rate(frame, at(0.5)) == pytest.approx(1 / 2)
    assert missed_alarm_rate(frame, at(0.3)) == 0.0


def test_an_alarm_counts_for_its_own_example_and_not_for_the_whole_fault():
    frame = framed([0.9] + [0.1] * 9, [1] * 10)
    assert missed_alarm_rate(frame, at(0.5)) == pytest.approx(0.9)


def test_the_threshold_is_that_of_the_best_f1():
    frame = framed([0.9, 0.8, 0.7, 0.6, 0.1], [1, 0, 1, 1, 0])
    assert best_threshold(frame, MetricContext(LABELS)) == pytest.approx(0.6)
    assert best_threshold(framed([0.2, 0.3], [0, 0]), MetricContext(LABELS)) == 0.5


def test_a_false_alarm_is_a_day_on_which_a_sound_unit_is_alarmed():
    hours = np.arange(60) * 24 / 2  # two examples a day for 30 days
    scores, truth = np.zeros(60), np.zeros(60, int)
    scores[[0, 1, 10]] = 0.9  # twice on the first day, once on the sixth
    scores[20], truth[20] = 0.9, 1  # and once on a day of a fault
    frame = framed(scores, truth, hours=hours)
    assert false_alarms(frame, at(0.5)) == pytest.approx(2 * 30.44 / 30)
    both = pd.concat([frame, frame.assign(unit=pd.Categorical(["v"] * 60))], ignore_index=True)
    both["unit"] = pd.Categorical(["u"] * 60 + ["v"] * 60)
    assert false_alarms(both, at(0.5)) == pytest.approx(2 * 30.44 / 30)


def test_an_alarm_that_never_ends_is_false_every_day():
    frame = framed(np.ones(30), [0] * 29 + [1], hours=np.arange(30) * 24)
    assert false_alarms(frame, at(0.5)) == pytest.approx(29 * 30.44 / 30)


def test_lead_time_is_from_the_first_alarm_that_the_budget_allows():
    """Thirty days of two units: u fails at hour 600 and is alarmed 40 hours ahead, v fails unseen."""
    hours = np.arange(0, 720, 10)
    after = np.where((hours < 600) & (hours >= 550), 600 - hours, np.nan)
    truth = np.isfinite(after).astype(int)
    u = np.where((hours >= 560) & (hours < 600), 0.9, 0.1)
    v = np.full(len(hours), 0.1)
    frame = framed(
        np.concatenate([u, v]), np.concatenate([truth, truth]), unit=["u"] * 72 + ["v"] * 72,
        hours=np.concatenate([hours, hours]), after=np.concatenate([after, after]),
    )  # fmt: skip
    assert lead_time(frame, MetricContext(LABELS)) == pytest.approx((40 + 0) / 2)
    assert faults_foreseen(frame, MetricContext(LABELS)) == 0.5


def test_alarms_that_cry_wolf_buy_no_lead_time():
    hours = np.arange(0, 720, 10)
    after = np.where((hours < 600) & (hours >= 550), 600 - hours, np.nan)
    frame = framed(np.full(72, 0.7), np.isfinite(after).astype(int), hours=hours, after=after)
    assert lead_time(frame, MetricContext(LABELS)) == 0.0
    assert faults_foreseen(frame, MetricContext(LABELS)) == 0.0


def test_without_a_fault_there_is_no_lead_time():
    frame = framed([0.1] * 5, [0] * 5)
    assert np.isnan(lead_time(frame, MetricContext(LABELS)))
    assert np.isnan(f1(frame, at(0.5)))
