from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from datasets import Dataset

from vertikit import Number, VertikitError
from vertikit.adapt.expertise import with_expertise
from vertikit.examples import Examples

ROWS = 7
VALUES = {"twice": np.arange(ROWS) * 2.0, "gappy": np.where(np.arange(ROWS) % 2, np.nan, 1.0)}


class Lazily(Mapping[str, np.ndarray]):
    """Columns that are worked out when they are asked for, as those of an expert of large tables."""

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        self.values_, self.asked = values, []

    def __getitem__(self, name: str) -> np.ndarray:
        self.asked.append(name)
        return self.values_[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_)

    def __len__(self) -> int:
        return len(self.values_)


class Knowing:
    use = ("features",)

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        self.found = Lazily(values)

    def columns(self):
        return tuple(Number(name, required=False) for name in VALUES)

    def features(self, examples, truth):  # noqa: ARG002
        return self.found


def examples() -> Examples:
    names = np.full(ROWS, "", object)
    return Examples(Dataset.from_dict({"x": list(range(ROWS))}), np.arange(ROWS), names, names)


@pytest.mark.parametrize("on_disk", [False, True])
def test_columns_of_experts_stand_beside_those_of_the_data_and_are_asked_for_once(
    on_disk: bool, tmp_path: Path
) -> None:
    expert = Knowing(VALUES)
    found = with_expertise(examples(), {"knows": expert}, None, tmp_path if on_disk else None)
    assert found.table.column_names == ["x", "twice", "gappy"]
    for name, values in VALUES.items():
        assert np.array_equal(found.numbers(name), values, equal_nan=True)
        assert np.array_equal(found.take(np.array([5, 0])).numbers(name), values[[5, 0]], equal_nan=True)
    assert expert.found.asked == list(VALUES)
    assert bool(list(tmp_path.iterdir())) is on_disk


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize("values", [{"twice": VALUES["twice"]}, {**VALUES, "gappy": np.ones(3)}])
def test_an_expert_that_breaks_its_word_is_named(
    values: dict[str, np.ndarray], on_disk: bool, tmp_path: Path
) -> None:
    with pytest.raises(VertikitError, match="expert 'knows' did not give the columns that it promised"):
        with_expertise(examples(), {"knows": Knowing(values)}, None, tmp_path if on_disk else None)
