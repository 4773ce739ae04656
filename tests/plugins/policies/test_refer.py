"""A grade, or to the teacher."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vertikit.evaluate.frame import prediction_frame
from vertikit_plugins.policies.refer import Refer

STEPS = ("0", "1", "2")


def calibration(rows: int = 300) -> pd.DataFrame:
    """The surer, the more often right."""
    random = np.random.default_rng(0)
    sure = random.uniform(0.35, 0.99, rows)
    given = random.integers(0, 3, rows)
    right = random.random(rows) < sure
    table = np.repeat((1 - sure)[:, None] / 2, 3, axis=1)
    table[np.arange(rows), given] = sure
    truth = np.where(right, given, (given + 1) % 3)
    return prediction_frame(STEPS, table, [STEPS[each] for each in truth])


def test_sure_answers_get_their_grade_and_the_others_go_to_the_teacher() -> None:
    policy = Refer(risk=0.2)
    policy.fit(calibration(), STEPS)
    frame = prediction_frame(STEPS, np.array([[0.01, 0.01, 0.98], [0.4, 0.3, 0.3]]), None)
    assert policy.decide(frame, STEPS)["decision"].tolist() == ["2", "to the teacher"]
    assert policy.abstains == "to the teacher"


def test_on_new_rows_about_the_risk_is_kept() -> None:
    policy = Refer(risk=0.2)
    policy.fit(calibration(2000), STEPS)
    frame = calibration(1500)
    decided = policy.decide(frame, STEPS)["decision"]
    given = decided != policy.abstains
    assert 0.3 < given.mean() < 1
    assert (decided[given] != frame["truth"].astype(object)[given]).mean() < 0.23


def test_without_a_threshold_everything_goes_to_the_teacher_and_it_says_so() -> None:
    policy = Refer(risk=0.0001)
    policy.fit(calibration(30), STEPS)
    assert set(policy.decide(calibration(30), STEPS)["decision"]) == {"to the teacher"}
    assert policy.describe().startswith("Leaves every answer to the teacher")
