import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from tests.core.evaluate.simulated import ACCURACY, CONTEXT, share_right, simulated
from vertikit.contracts import Metric
from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.registry import Component


class OneMetric:
    """A registry that knows one metric."""

    def __init__(self, factory):
        self.factory = factory

    def get(self, family, name):
        if (family, name) != ("metrics", "kappa"):
            raise UsageError(f"there is no metric {name!r}.")
        return Component("metrics", "kappa", self.factory, "agreement", (), "", "legal-kit")


def test_a_registered_metric_is_taken_as_it_is():
    assert resolve_metrics(["kappa"], OneMetric(ACCURACY)) == {"kappa": ACCURACY}


def test_a_name_given_twice_is_computed_once():
    assert list(resolve_metrics(["kappa", "kappa"], OneMetric(ACCURACY))) == ["kappa"]


def test_a_plain_function_of_truth_and_prediction_is_wrapped():
    metric = resolve_metrics(["kappa"], OneMetric(cohen_kappa_score))["kappa"]
    frame = simulated(100)
    truth, prediction = (np.asarray(frame[name], object) for name in ("truth", "prediction"))
    assert isinstance(metric, Metric)
    assert metric.compute(frame, CONTEXT) == cohen_kappa_score(truth, prediction)


@pytest.mark.parametrize(
    "factory", [lambda _: 0.0, ACCURACY.compute.__class__, "text", 3, share_right.__class__]
)
def test_anything_else_is_an_error_that_names_metric_and_plugin(factory):
    component = OneMetric(factory)
    if isinstance(factory, str):
        component = OneMetric(object())
    with pytest.raises(VertikitError, match="metric 'kappa' of plugin 'legal-kit'"):
        resolve_metrics(["kappa"], component)


def test_an_unknown_name_is_the_registrys_error():
    with pytest.raises(UsageError, match="there is no metric 'capa'"):
        resolve_metrics(["capa"], OneMetric(ACCURACY))
