from __future__ import annotations

import numpy as np

from vertikit import Category, Number
from vertikit.contracts import State
from vertikit.table_columns import Timestamp
from vertikit_plugins.tables.reading import MOST_CODES, TableReading

HOUR, DAY = 3600.0, 86_400.0
COLUMNS = (Number("x"), Category("kind"), Timestamp("at"), Number("flat"), Category("same"))


def values(**changed) -> dict[str, np.ndarray]:
    found = {
        "x": np.array([1.0, np.nan, 3.0]),
        "kind": np.array(["a", "b", "a"], object),
        "at": np.array([0.0, 36 * HOUR, np.nan]),
        "flat": np.ones(3),
        "same": np.array(["z"] * 3, object),
    }
    return found | changed


def fitted() -> TableReading:
    reading = TableReading()
    reading.fit(COLUMNS, values())
    return reading


def test_what_never_varies_in_training_is_left_out() -> None:
    reading = fitted()
    assert reading.names == ("x", "at (hour)", "at (weekday)") and list(reading.categories) == ["kind"]


def test_a_point_in_time_is_its_hour_and_its_day_of_the_week() -> None:
    numbers = fitted().matrices(values()).numbers
    # 1970 began on a Thursday: day 3 of a week that Monday begins.
    assert numbers[:2, 1].tolist() == [0, 12] and numbers[:2, 2].tolist() == [3, 4]
    assert np.isnan(numbers[2, 1:]).all() and np.isnan(numbers[1, 0])


def test_a_category_that_training_lacks_is_as_one_that_is_missing() -> None:
    codes = fitted().matrices(values(kind=np.array(["b", "new", None], object))).codes
    assert codes[:, 0].tolist() == [2, 0, 0]
    assert fitted().cardinalities == [3]


def test_codes_run_from_the_commonest_and_the_rarest_share_one() -> None:
    kinds = np.array([f"k{at:03}" for at in range(300) for _ in range(1 + (at == 7))], object)
    reading = TableReading()
    reading.fit((Category("kind"),), {"kind": kinds})
    codes = reading.matrices({"kind": np.array(["k007", "k000", "k299"], object)}).codes[:, 0]
    assert codes.tolist() == [1, 2, 0] and reading.cardinalities == [MOST_CODES + 1]


def test_a_column_that_new_rows_lack_is_missing_in_all_of_them() -> None:
    only = {name: each for name, each in values().items() if name not in ("x", "kind")}
    matrices = fitted().matrices(only)
    assert np.isnan(matrices.numbers[:, 0]).all() and (matrices.codes == 0).all()


def test_what_was_learnt_is_kept() -> None:
    other = TableReading()
    other.load(State(tree=fitted().state().tree))
    one, two = fitted().matrices(values()), other.matrices(values())
    assert np.array_equal(one.numbers, two.numbers, equal_nan=True) and np.array_equal(one.codes, two.codes)
