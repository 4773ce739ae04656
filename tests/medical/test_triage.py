"""Rule out, refer or urgent, at a set sensitivity and specificity."""

from __future__ import annotations

import numpy as np
import pytest

from vertikit import UsageError
from vertikit.evaluate.frame import prediction_frame
from vertikit.outcome.findings import Findings
from vertikit_medical.triage import Triage

LABELS = ("effusion", "normal", "opacity")


def frame(rows, seed):
    rng = np.random.default_rng(seed)
    sick = rng.random(rows) < 0.3
    p = (1 / (1 + np.exp(-(rng.normal(0, 1, rows) + np.where(sick, 0.8, -0.8))))).clip(0.001, 0.999)
    truth = np.where(sick, rng.choice(["effusion", "opacity"], rows), "normal")
    return prediction_frame(LABELS, np.stack([p / 2, 1 - p, p / 2], axis=1), truth.tolist())


def test_sensitivity_and_specificity_hold_on_new_rows_on_average():
    lost, called = [], []
    for seed in range(40):
        policy = Triage(sensitivity=0.9, specificity=0.9)
        policy.fit(frame(300, seed), LABELS)
        new = frame(600, 1000 + seed)
        found = policy.account(new, policy.decide(new, LABELS))
        lost.append(found["share_of_findings_ruled_out"])
        called.append(found["share_of_others_urgent"])
    assert np.mean(lost) == pytest.approx(0.1, abs=0.025)
    assert np.mean(called) == pytest.approx(0.1, abs=0.025)


def test_every_decision_has_a_reason_with_its_numbers():
    policy = Triage()
    policy.fit(frame(400, 0), LABELS)
    made = policy.decide(frame(400, 1), LABELS)
    assert set(made["decision"]) == {"rule out", "refer", "urgent"}
    for decision, word in (("rule out", "below"), ("urgent", "above"), ("refer", "between")):
        assert word in made["reason"][made["decision"] == decision].iloc[0]
    assert "400" not in policy.describe() and "calibration rows with it" in policy.describe()


def test_with_too_few_findings_nothing_is_ruled_out_and_it_is_said():
    policy = Triage()
    few = frame(30, 3)
    policy.fit(few, LABELS)
    made = policy.decide(frame(200, 1), LABELS)
    assert not (made["decision"] == "rule out").any()
    assert "nothing is ruled out" in policy.describe()


def test_thresholds_are_kept():
    policy, other = Triage(), Triage()
    policy.fit(frame(400, 0), LABELS)
    other.load(policy.state())
    new = frame(50, 9)
    assert policy.decide(new, LABELS).equals(other.decide(new, LABELS))
    assert policy.describe() == other.describe()


def test_of_several_findings_the_most_pressing_decides():
    outcome = Findings(("mass", "edema"))
    rng = np.random.default_rng(0)
    truth = [f"{'+' if a else '-'}mass|{'+' if b else '-'}edema" for a, b in rng.random((400, 2)) < 0.3]
    yes = np.array([["+mass" in each, "+edema" in each] for each in truth])
    p = (1 / (1 + np.exp(-(rng.normal(0, 1, (400, 2)) + np.where(yes, 2, -2))))).clip(0.001, 0.999)
    policy = Triage()
    policy.fit(outcome.frame(p, truth), outcome.labels)
    made = policy.decide(outcome.frame(np.array([[0.01, 0.99999], [1e-5, 1e-5]]), None), outcome.labels)
    assert made["decision"].tolist() == ["urgent", "rule out"]
    assert "edema" in made["reason"][0]


@pytest.mark.parametrize("wrong", [{"sensitivity": 1.0}, {"specificity": 0}])
def test_what_cannot_be_kept_is_refused(wrong):
    with pytest.raises(UsageError, match="cannot be kept"):
        Triage(**wrong)


def test_a_negative_class_that_is_none_is_named():
    with pytest.raises(UsageError, match="'healthy' is none of the classes"):
        Triage(negative="healthy").fit(frame(50, 0), LABELS)
