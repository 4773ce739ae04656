import numpy as np
import pytest
from scipy.optimize import minimize

from tests.core.evaluate.simulated import softmax
from vertikit.errors import VertikitError
from vertikit.evaluate.calibration import HIGHEST, LOWEST, Temperature
from vertikit.fitted_store import load_fitted, save_fitted


def logits(rows, classes, temperature, seed=0):
    """Outputs that are `temperature` times as large as the ones the classes are drawn from."""
    random = np.random.default_rng(seed)
    true = random.normal(size=(rows, classes)) * 2
    truth = (softmax(true).cumsum(axis=1) > random.random((rows, 1))).argmax(axis=1)
    return true * temperature, truth


def loss(raw, truth, temperature):
    return -np.log(softmax(raw / temperature)[np.arange(len(truth)), truth]).mean()


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5, 8.0])
def test_it_finds_the_temperature_that_outputs_were_made_with(temperature):
    fitted = Temperature()
    fitted.fit(*logits(5000, 6, temperature))
    assert fitted.temperature == pytest.approx(temperature, rel=0.05)
    assert fitted.rows == 5000


def test_it_is_the_minimum_that_a_general_optimiser_finds():
    raw, truth = logits(200, 5, 1.7)
    fitted = Temperature()
    fitted.fit(raw, truth)
    best = minimize(lambda x: loss(raw, truth, np.exp(x[0])), [0.0]).fun
    assert loss(raw, truth, fitted.temperature) == pytest.approx(best, abs=1e-9)


def test_it_divides_and_keeps_the_order_of_classes():
    raw, truth = logits(200, 5, 3.0)
    fitted = Temperature()
    fitted.fit(raw, truth)
    applied = fitted.apply(raw)
    assert np.array_equal(applied, raw / fitted.temperature)
    assert np.array_equal(applied.argsort(axis=1), raw.argsort(axis=1))


@pytest.mark.parametrize("rows", [3, 20, 200])
def test_where_every_row_is_right_it_grows_surer_only_as_far_as_the_rows_show(rows):
    raw = np.tile([1.0, 0.0, 0.0], (rows, 1))
    fitted = Temperature()
    fitted.fit(raw, np.zeros(rows, int))
    assert LOWEST < fitted.temperature < 1
    assert softmax(fitted.apply(raw))[0, 0] == pytest.approx((rows + 1) / (rows + 2), abs=1e-4)


def test_where_every_row_is_wrong_it_stays_within_its_bounds():
    raw = np.tile([9.0, 0.0], (20, 1))
    fitted = Temperature()
    fitted.fit(raw, np.ones(20, int))
    assert fitted.temperature == pytest.approx(HIGHEST, rel=0.01)


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        (np.empty((0, 3)), np.empty(0, int)),
        (np.ones((4, 1)), np.zeros(4, int)),
        (np.zeros((4, 3)), np.array([0, 1, 2, 0])),
        (np.ones((2, 3)), np.array([-1, -1])),
    ],
)
def test_rows_that_tell_nothing_leave_the_temperature_at_one(raw, truth):
    fitted = Temperature()
    fitted.fit(raw, truth)
    assert fitted.temperature == 1.0


def test_rows_of_an_unknown_class_are_left_out():
    raw, truth = logits(100, 4, 2.0)
    without, beside = Temperature(), Temperature()
    without.fit(raw[:80], truth[:80])
    beside.fit(raw, np.where(np.arange(100) < 80, truth, -1))
    assert beside.temperature == without.temperature
    assert beside.rows == 80


def test_outputs_that_are_not_numbers_are_refused():
    with pytest.raises(VertikitError, match="diverged"):
        Temperature().fit(np.array([[np.nan, 0.0]]), np.array([0]))


def test_large_outputs_do_not_overflow():
    raw, truth = logits(300, 4, 500.0)
    fitted = Temperature()
    fitted.fit(raw, truth)
    assert fitted.temperature == pytest.approx(HIGHEST, rel=0.01)


def test_it_is_read_back_exactly(tmp_path):
    fitted, back = Temperature(), Temperature()
    fitted.fit(*logits(100, 4, 2.0))
    save_fitted(tmp_path, "calibration", fitted)
    load_fitted(tmp_path, "calibration", back)
    assert (back.temperature, back.rows) == (fitted.temperature, fitted.rows)
