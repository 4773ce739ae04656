from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from vertikit import UsageError
from vertikit.outcome.numbers import Numbers
from vertikit_plugins.policies.refer_number import ReferNumber


def frame(rows: int = 1000, seed: int = 0) -> pd.DataFrame:
    """Half of the answers are off by 0.1, half by 1, and each says so."""
    random = np.random.default_rng(seed)
    truth = random.uniform(0, 4, rows)
    spread = np.where(np.arange(rows) % 2, 0.1, 1.0)
    value = truth + random.normal(0, spread)
    return Numbers().frame(np.stack([value, spread, value - spread, value + spread], axis=1), truth)


def test_answers_keep_to_the_target_error_and_the_others_go_to_a_person() -> None:
    policy = ReferNumber(error=0.1)
    policy.fit(frame(), ())
    new = frame(seed=1)
    decided = policy.decide(new, ())
    given = decided["decision"] != "to the teacher"
    assert given.mean() == pytest.approx(0.5, abs=0.01)
    error = (new["prediction"] - new["truth"])[given]
    assert math.sqrt(float((error**2).mean())) < 0.4
    assert policy.account(new, decided) == {"share to the teacher": pytest.approx(0.5, abs=0.01)}
    assert "500 of 1000 calibration rows" in policy.describe()


def test_a_generous_target_answers_all_and_an_impossible_one_none() -> None:
    policy = ReferNumber(error=0.5)
    policy.fit(frame(), ())
    assert not (policy.decide(frame(), ())["decision"] == "to the teacher").any()
    policy = ReferNumber(error=0.001)
    policy.fit(frame(), ())
    assert (policy.decide(frame(), ())["decision"] == "to the teacher").all()
    assert policy.describe().startswith("Leaves every answer to the teacher")


@pytest.mark.parametrize("error", [0.001, 0.1, 0.5])
def test_what_was_learnt_is_read_back(error: float) -> None:
    policy, other = ReferNumber(error), ReferNumber(error)
    policy.fit(frame(), ())
    other.load(policy.state())
    assert other.decide(frame(), ()).equals(policy.decide(frame(), ()))
    assert other.describe() == policy.describe()


def test_classes_are_refused() -> None:
    with pytest.raises(UsageError, match="policy=refer"):
        ReferNumber().fit(frame(), ("0", "1"))
