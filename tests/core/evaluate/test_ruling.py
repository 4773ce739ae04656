"""What experts hold of an answer: bounds that probabilities are brought within, and decisions that are overruled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from vertikit.contracts import Rulings
from vertikit.evaluate.frame import prediction_frame
from vertikit.evaluate.ruling import Held, account, constrained, decided, joined

LABELS = ("a", "b", "c")


def rulings(lowest: Any, highest: Any, reasons: Any) -> Rulings:
    return Rulings(np.array(lowest, float), np.array(highest, float), np.array(reasons, object))


class Likeliest:
    """Decides for the likeliest class, and says how likely it is."""

    def decide(self, frame: pd.DataFrame, labels: tuple[str, ...]) -> pd.DataFrame:
        best = frame[[f"p.{label}" for label in labels]].to_numpy()
        return pd.DataFrame(
            {
                "decision": np.array(labels, object)[best.argmax(axis=1)],
                "reason": [f"{each:.2f}" for each in best.max(axis=1)],
            }
        )


def test_a_probability_below_its_bound_is_raised_to_it_and_the_others_share_the_rest_as_before() -> None:
    found = constrained(
        np.array([[0.2, 0.6, 0.2], [0.98, 0.01, 0.01]]),
        rulings([[0.9, 0, 0], [0.9, 0, 0]], np.ones((2, 3)), ["so", "so"]),
    )
    assert np.allclose(found, [[0.9, 0.075, 0.025], [0.98, 0.01, 0.01]])


def test_probabilities_stay_within_all_bounds_and_sum_to_one() -> None:
    random = np.random.default_rng(0)
    given = random.dirichlet(np.ones(3), 500)
    lowest = random.uniform(0, 0.4, (500, 3)) * (random.random((500, 3)) < 0.5)
    highest = np.where(random.random((500, 3)) < 0.3, lowest + 0.35, 1.0)
    held = joined([Rulings(lowest, highest, np.full(500, "so", object))])
    assert held is not None
    found = constrained(given, held)
    assert np.allclose(found.sum(axis=1), 1)
    assert (found >= held.lowest - 1e-9).all() and (found <= held.highest + 1e-9).all()
    untouched = ((given >= held.lowest) & (given <= held.highest)).all(axis=1)
    assert untouched.any() and np.array_equal(found[untouched], given[untouched])


def test_without_rulings_nothing_changes() -> None:
    given = np.array([[0.2, 0.6, 0.2]])
    assert constrained(given, joined([])) is given


def test_the_tightest_bounds_of_several_experts_hold_and_contradictions_hold_nothing() -> None:
    one = rulings([[0.9, 0, 0], [0.9, 0, 0]], np.ones((2, 3)), ["one", "one"])
    two = rulings([[0.95, 0, 0], [0, 0, 0]], [[1, 1, 1], [0.1, 1, 1]], ["two", "two"])
    both = joined([one, two])
    assert both is not None
    assert both.lowest[0].tolist() == [0.95, 0, 0] and both.reasons[0] == "one; two"
    assert both.lowest[1].tolist() == [0, 0, 0] and both.highest[1].tolist() == [1, 1, 1]
    assert both.reasons[1] == "experts contradict each other (one; two)"


def test_a_veto_decides_as_if_its_class_were_certain_and_leaves_the_score() -> None:
    frame = prediction_frame(LABELS, np.array([[0.2, 0.6, 0.2], [0.2, 0.6, 0.2], [0.5, 0.3, 0.2]]), None)
    before = frame.copy()
    veto = rulings([[0, 0, 0.9], [0, 0, 0], [0, 0, 0]], [[1] * 3, [1, 0.1, 1], [1] * 3], ["hot", "not b", ""])
    found = decided(Likeliest(), frame, LABELS, Held(veto=veto))  # type: ignore[arg-type]
    assert list(found["decision"]) == ["c", "a", "a"]
    assert list(found["reason"]) == ["hot; 1.00", "not b; 0.50", "0.50"]
    pd.testing.assert_frame_equal(frame, before)


def test_a_constraint_gives_its_reason_and_does_not_decide() -> None:
    frame = prediction_frame(LABELS, np.array([[0.2, 0.6, 0.2]]), None)
    held = rulings([[0.9, 0, 0]], [[1, 1, 1]], ["hot"])
    found = decided(Likeliest(), frame, LABELS, Held(constraint=held))  # type: ignore[arg-type]
    assert list(found["decision"]) == ["b"] and list(found["reason"]) == ["hot; 0.60"]


def test_it_is_counted_how_often_each_reason_was_right_and_how_many_decisions_a_veto_changed() -> None:
    probabilities = np.array([[0.2, 0.6, 0.2]] * 4)
    frame = prediction_frame(LABELS, probabilities, ["c", "b", "b", "a"])
    veto = rulings(
        [[0, 0, 0.9], [0, 0, 0.9], [0, 0, 0], [0, 0, 0]],
        [[1] * 3, [1] * 3, [1] * 3, [1, 0.1, 1]],
        ["hot", "hot", "", "cold"],
    )
    found = account(Likeliest(), frame, LABELS, Held(veto=veto))  # type: ignore[arg-type]
    assert found["overruled"] == 3
    assert found["veto"] == [
        {"reason": "hot", "rows": 2, "right": pytest.approx(0.5)},
        {"reason": "cold", "rows": 1, "right": pytest.approx(1.0)},
    ]
