from __future__ import annotations

import numpy as np
import pytest
import torch

from vertikit import Number
from vertikit.adapt.beside import Beside
from vertikit.adapt.model import Model, combined_width

COLUMNS = (Number("length"), Number("overlap"))


def test_numbers_are_standardised_by_the_training_rows() -> None:
    beside = Beside()
    beside.fit(COLUMNS, {"length": np.arange(100.0), "overlap": np.full(100, 3.0)})
    assert beside.width == 2
    found = beside.features({"length": np.arange(100.0), "overlap": np.full(100, 3.0)})
    assert found[:, 0].mean() == pytest.approx(0, abs=1e-6) and found[:, 0].std() == pytest.approx(
        1, abs=1e-5
    )
    assert (found[:, 1] == 0).all(), "a column that never changes says nothing"
    assert beside.features({"length": np.array([1e12]), "overlap": np.array([3.0])})[0, 0] == 5


def test_a_missing_number_is_told_where_training_had_missing_ones() -> None:
    beside = Beside()
    length = np.array([1.0, 2.0, np.nan, 3.0])
    beside.fit(COLUMNS, {"length": length, "overlap": np.arange(4.0)})
    found = beside.features({"length": length, "overlap": np.arange(4.0)})
    assert beside.width == 3 and found[:, 2].tolist() == [0, 0, 1, 0] and found[2, 0] == 0
    other = Beside()
    other.load(beside.state())
    assert (other.features({"length": length, "overlap": np.arange(4.0)}) == found).all()


@pytest.mark.parametrize("combine", ["concat", "pair", "contrast", "cosine"])
@pytest.mark.parametrize("inputs", [1, 2, 3])
def test_the_width_is_that_of_the_features(combine: str, inputs: int) -> None:
    parts = [torch.randn(4, 8) for _ in range(inputs)]
    model = Model({}, {}, {str(at): "one" for at in range(inputs)}, combine, beside="beside")
    assert model.together(parts).shape == (4, combined_width(combine, inputs, 8))
    assert model.together(parts, torch.zeros(4, 3)).shape[1] == combined_width(combine, inputs, 8) + 3


def test_cosines_are_those_with_the_last_text() -> None:
    one, last = torch.tensor([[1.0, 0.0]]), torch.tensor([[1.0, 1.0]])
    model = Model({}, {}, {"a": "e", "b": "e"}, "cosine")
    assert model.together([one, last]).tolist() == [[pytest.approx(0.7071, abs=1e-4)]]
