import numpy as np
import pytest
from scipy.stats import binom

from tests.core.evaluate.simulated import LABELS, probabilities, simulated
from vertikit.contracts import Policy
from vertikit.errors import UsageError
from vertikit.evaluate.frame import is_right, prediction_frame, top_confidence
from vertikit.fitted_store import load_fitted, save_fitted
from vertikit_plugins.policies.differential import ABSTAIN, Differential, guaranteed

PAIR = ("a", "b")


def calibration(confidences, right):
    table = np.array([[confidence, 1 - confidence] for confidence in confidences])
    return prediction_frame(PAIR, table, ["a" if each else "b" for each in right])


def fitted(frame, labels=PAIR, **options):
    policy = Differential(**options)
    policy.fit(frame, labels)
    return policy


def test_it_is_a_policy():
    assert isinstance(Differential(), Policy)
    assert Differential().abstains == ABSTAIN


def test_the_threshold_is_the_lowest_at_which_few_enough_answers_are_wrong():
    # 20 right from 0.99 down, then one wrong, one right: (1 + 1) / (22 + 1) <= 0.1; a second wrong is too many.
    confidences = 0.99 - 0.01 * np.arange(24)
    right = [True] * 20 + [False, True, False, False]
    policy = fitted(calibration(confidences, right), risk=0.1)
    assert policy.threshold == confidences[21]
    assert (policy.answered, policy.wrong, policy.rows) == (22, 1, 24)


def test_a_few_lucky_rows_are_no_safe_threshold():
    assert fitted(calibration([0.9] * 8, [True] * 8), risk=0.1).threshold is None
    assert fitted(calibration([0.9] * 9, [True] * 9), risk=0.1).threshold == 0.9


def test_rows_of_equal_confidence_are_answered_or_refused_together():
    frame = calibration([0.9] * 20 + [0.8] * 10, [True] * 29 + [False])
    assert fitted(frame, risk=0.1).threshold == 0.8
    frame = calibration([0.9] * 20 + [0.8] * 10, [True] * 22 + [False] * 8)
    assert fitted(frame, risk=0.1).threshold == 0.9


def test_on_new_rows_the_risk_is_near_the_one_asked_for_on_average():
    risks = []
    for seed in range(40):
        policy = fitted(simulated(150, seed, skill=2.0), LABELS, risk=0.2)
        new = simulated(2000, 1000 + seed, skill=2.0)
        answered = top_confidence(new) >= (2 if policy.threshold is None else policy.threshold)
        risks.append(1 - is_right(new)[answered].mean() if answered.any() else 0.0)
    assert 0.17 < np.mean(risks) < 0.22


def test_the_decision_names_the_likeliest_classes_with_their_probabilities():
    policy = fitted(calibration([0.6] * 20, [True] * 20))
    frame = prediction_frame(
        ("asthma", "bronchitis", "flu", "pneumonia"), np.array([[0.61, 0.07, 0.12, 0.2]]), None
    )
    found = policy.decide(frame, ("asthma", "bronchitis", "flu", "pneumonia"))
    assert found["decision"].tolist() == ["asthma 0.61; pneumonia 0.20; flu 0.12"]
    assert found["reason"].tolist() == ["confidence 0.61 is at least the threshold 0.60"]


def test_below_the_threshold_it_abstains_and_hands_over():
    policy = fitted(calibration([0.8] * 20, [True] * 20))
    found = policy.decide(calibration([0.7, 0.9], [True, True]), PAIR)
    assert found["decision"].tolist() == ["abstain", "a 0.90; b 0.10"]
    assert found["reason"][0] == "confidence 0.70 is below the threshold 0.80: for a person to decide"


def test_a_reason_shows_enough_decimals_to_be_true():
    policy = fitted(calibration([0.8] * 20, [True] * 20))
    reason = policy.decide(calibration([0.7999], [True]), PAIR)["reason"][0]
    assert reason.startswith("confidence 0.7999 is below the threshold 0.8000")


def test_there_are_no_more_names_than_classes_and_no_more_than_asked_for():
    frame = calibration([0.8] * 20, [True] * 20)
    assert fitted(frame, top=5).decide(frame, PAIR)["decision"][0] == "a 0.80; b 0.20"
    assert fitted(frame, top=1).decide(frame, PAIR)["decision"][0] == "a 0.80"


@pytest.mark.parametrize("rows", [0, 5])
def test_where_no_threshold_keeps_the_risk_it_abstains_always_and_says_so(rows):
    policy = fitted(calibration(np.full((rows,), 0.99), [True] * rows) if rows else empty())
    assert policy.threshold is None
    assert policy.describe().startswith(f"Abstains on every row: {rows} calibration rows show no threshold")
    found = policy.decide(calibration([0.99], [True]), PAIR)
    assert found["decision"].tolist() == ["abstain"]
    assert "no threshold keeps the risk at 0.1" in found["reason"][0]


def empty():
    return prediction_frame(PAIR, np.empty((0, 2)), [])


def test_no_rows_get_no_decisions():
    assert fitted(calibration([0.8] * 20, [True] * 20)).decide(empty(), PAIR).shape == (0, 2)


def test_a_decision_stands_at_the_index_of_its_row():
    frame = calibration([0.7, 0.9], [True, True])
    frame.index = [7, 3]
    assert Differential().decide(frame, PAIR).index.tolist() == [7, 3]


def test_it_describes_itself_with_threshold_counts_and_risk():
    frame = calibration([0.9] * 20 + [0.8] * 10, [True] * 29 + [False])
    assert fitted(frame).describe() == (
        "Names the 3 likeliest classes where the top probability is at least 0.80, and abstains elsewhere; it "
        "answered 30 of 30 calibration rows, 1 of them with a wrong first class, and aims at no more than 10 % of its "
        "answers wrong."
    )
    assert "with probability 0.9" in fitted(frame, confidence=0.9, risk=0.5).describe()


def test_the_guarantee_is_kept_as_often_as_it_says():
    table, truth = probabilities(100_000, 4, 7, skill=2.5)
    confidence, wrong = table.max(axis=1), table.argmax(axis=1) != truth
    broken, answering = 0, 0
    for seed in range(60):
        drawn, classes = probabilities(400, 4, seed, skill=2.5)
        frame = prediction_frame(LABELS[:4], drawn, [LABELS[each] for each in classes])
        policy = fitted(frame, LABELS[:4], risk=0.15, confidence=0.9)
        if policy.threshold is not None:
            answering += 1
            broken += wrong[confidence >= policy.threshold].mean() > 0.15
    assert answering > 50
    assert broken <= 6


def test_the_guarantee_uses_the_clopper_pearson_bound():
    wrong, answered = np.array([0]), np.array([200])
    # One threshold, ceil(log2 200) = 8 steps: the bound is where 0 of 200 has a chance of 0.1 / 8.
    bound = 1 - (0.1 / 8) ** (1 / 200)
    assert binom.cdf(0, 200, bound) == pytest.approx(0.1 / 8)
    assert guaranteed(wrong, answered, bound + 1e-9, 0.9) == 0
    assert guaranteed(wrong, answered, bound - 1e-9, 0.9) is None


def test_a_guarantee_asks_for_more_rows_than_an_average():
    frame = calibration([0.9] * 30, [True] * 30)
    assert fitted(frame).threshold == 0.9
    assert fitted(frame, confidence=0.9).threshold is None


@pytest.mark.parametrize("options", [{"top": 0}, {"risk": 0.0}, {"risk": 1.5}, {"confidence": 1.0}])
def test_nonsense_options_are_refused_with_the_key(options):
    with pytest.raises(UsageError, match=f"policy.{next(iter(options))} is"):
        Differential(**options)


@pytest.mark.parametrize("rows", [5, 30])
def test_it_is_read_back_exactly(tmp_path, rows):
    frame = calibration(np.linspace(0.6, 0.97, rows), [True] * rows)
    policy, back = fitted(frame), Differential()
    save_fitted(tmp_path, "policy", policy)
    load_fitted(tmp_path, "policy", back)
    assert back.threshold == policy.threshold
    assert back.describe() == policy.describe()
    assert back.decide(frame, PAIR).equals(policy.decide(frame, PAIR))
