"""Metrics of a search for findings, against what is known of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, roc_auc_score

from vertikit.contracts import MetricContext
from vertikit.evaluate.frame import prediction_frame
from vertikit_plugins.metrics import screening
from vertikit_plugins.metrics.probability import auroc

LABELS = ("normal", "opacity")


def told(rows=800, sharpness=1.0, seed=0, shift=0.0):
    """A frame whose probabilities mean what they say, but for a sharpness and a shift of their log odds."""
    rng = np.random.default_rng(seed)
    odds = rng.normal(-0.5, 1.5, rows)
    yes = rng.random(rows) < 1 / (1 + np.exp(-odds))
    p = 1 / (1 + np.exp(-(sharpness * odds + shift)))
    return prediction_frame(
        LABELS, np.stack([1 - p, p], axis=1), np.array(LABELS, object)[yes.astype(int)].tolist()
    )


def several(rows=300, seed=0):
    """A frame of two findings, a fifth of which are not known."""
    rng = np.random.default_rng(seed)
    found = {"truth": ["x"] * rows, "prediction": ["x"] * rows, "weight": np.ones(rows)}
    for name in ("a", "b"):
        p = rng.random(rows)
        truth = (rng.random(rows) < p).astype(float)
        truth[rng.random(rows) < 0.2] = np.nan
        found |= {f"p.{name}": p, f"is.{name}": truth}
    return pd.DataFrame(found)


CONTEXT = MetricContext(LABELS)
FINDINGS = MetricContext(("a", "b"))


def test_average_precision_is_that_of_scikit_learn_ties_included():
    rng = np.random.default_rng(0)
    truth, score = rng.random(200) < 0.3, rng.integers(0, 12, 200) / 12
    assert screening.average_precision(truth, score) == pytest.approx(average_precision_score(truth, score))


def test_of_several_findings_each_is_judged_on_the_rows_where_it_is_known():
    frame = several()
    found = screening.per_finding(frame, FINDINGS)
    for name in ("a", "b"):
        known = frame[f"is.{name}"].notna()
        truth, score = frame[f"is.{name}"][known], frame[f"p.{name}"][known]
        assert found[f"auroc.{name}"] == pytest.approx(roc_auc_score(truth, score))
        assert found[f"ap.{name}"] == pytest.approx(average_precision_score(truth, score))
        assert found[f"positives.{name}"] == int(truth.sum())
    assert auroc(frame, FINDINGS) == pytest.approx((found["auroc.a"] + found["auroc.b"]) / 2)


def test_a_threshold_of_calibration_rows_keeps_its_specificity_on_others():
    reached = []
    for seed in range(40):
        context = MetricContext(
            LABELS, learnt={"at_90_specificity": screening.AT_90.learn(told(200, seed=seed), CONTEXT)}
        )
        found = screening.AT_90.compute(told(400, seed=1000 + seed), context)
        reached.append(found["specificity_aimed_at_90"])
        assert 0 < found["sensitivity_at_90_specificity"] < 1
    assert np.mean(reached) == pytest.approx(0.9, abs=0.02)


def test_with_too_few_rows_no_threshold_is_made_up():
    few = told(8)
    context = MetricContext(LABELS, learnt={"at_95_specificity": screening.AT_95.learn(few, CONTEXT)})
    assert np.isnan(screening.AT_95.compute(told(100), context)["sensitivity_at_95_specificity"])


@pytest.mark.parametrize(("sharpness", "slope"), [(1.0, 1.0), (2.0, 0.5), (0.5, 2.0)])
def test_the_slope_says_how_much_too_sure_probabilities_are(sharpness, slope):
    frame = told(20_000, sharpness=sharpness)
    assert screening.calibration_slope(frame, CONTEXT) == pytest.approx(slope, rel=0.05)


def test_slope_and_intercept_are_those_of_a_logistic_regression():
    frame = told(500, sharpness=1.4, shift=0.6)
    p = frame["p.opacity"].to_numpy()
    truth = (frame["truth"] == "opacity").to_numpy()
    model = LogisticRegression(C=1e9, max_iter=1000).fit(np.log(p / (1 - p))[:, None], truth)
    assert screening.calibration_slope(frame, CONTEXT) == pytest.approx(float(model.coef_[0, 0]), rel=1e-3)


def test_the_intercept_says_whether_findings_are_more_frequent_than_predicted():
    assert screening.calibration_intercept(told(20_000, shift=-0.8), CONTEXT) == pytest.approx(0.8, abs=0.06)
    assert screening.calibration_intercept(told(20_000), CONTEXT) == pytest.approx(0.0, abs=0.06)


def test_rows_that_cannot_be_told_a_slope_of_have_none():
    one_class = told(100).assign(truth="normal")
    assert np.isnan(screening.calibration_slope(one_class, CONTEXT))


def test_net_benefit_is_that_of_the_paper():
    frame = told(1000)
    found = screening.net_benefit(frame, CONTEXT)
    p, truth = frame["p.opacity"].to_numpy(), (frame["truth"] == "opacity").to_numpy()
    wanted = ((p >= 0.2) & truth).sum() / 1000 - ((p >= 0.2) & ~truth).sum() / 1000 * 0.2 / 0.8
    assert found["net_benefit_at_20"] == pytest.approx(wanted)
    assert found["net_benefit_at_20_if_all"] == pytest.approx(truth.mean() - (~truth).mean() * 0.25)


def test_a_class_that_means_nothing_is_found_by_its_name_or_as_the_policy_says():
    frame = told(300)
    other = MetricContext(LABELS, policy={"negative": "opacity"})
    assert screening.calibration_intercept(frame, other) == pytest.approx(
        -screening.calibration_intercept(frame, CONTEXT), abs=1e-6
    )
