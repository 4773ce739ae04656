"""The split along time: nothing that is learnt from touches what is foretold later."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.core.forecasting.series import meter, prepared
from vertikit import UsageError
from vertikit.examples import Fold
from vertikit.prepare.prepared import Prepared
from vertikit_plugins.splits.walk_forward import WalkForward


def split(data: Prepared, test: float = 0.2, valid: float = 0.15, **options: object) -> Fold:
    classes = np.full(len(data.examples), "steps", object)
    [fold] = WalkForward(**options).split(data.examples, classes, test=test, valid=valid, seed=0)  # type: ignore[arg-type]
    return fold


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    return prepared(
        pd.concat([meter("a", 30, 10), meter("b", 30, 99, seed=1)]), tmp_path_factory.mktemp("month")
    )


def spans(data: Prepared, part: np.ndarray) -> np.ndarray:
    assert data.examples.span is not None
    return data.examples.span[part]


def test_all_that_is_learnt_lies_before_all_that_judges_it(month: Prepared) -> None:
    fold = split(month)
    train, valid, test = (spans(month, part) for part in (fold.train, fold.valid, fold.tests["test"]))
    assert train[:, 1].max() < valid[:, 0].min() <= valid[:, 1].max() < test[:, 0].min()


def test_what_crosses_a_cut_is_left_out_and_no_example_is_lost(month: Prepared) -> None:
    fold = split(month)
    everything = np.concatenate([fold.train, fold.valid, fold.tests["test"], *fold.outside.values()])
    assert sorted(everything.tolist()) == list(range(len(month.examples)))
    # Eleven origins of each series have a horizon on both sides of each of the two cuts.
    [crossing] = fold.outside.values()
    assert len(crossing) == 2 * 2 * 11


def test_an_embargo_keeps_its_distance(month: Prepared) -> None:
    plain, held = split(month), split(month, gap="2d")
    first = spans(month, held.tests["test"])[:, 0].min()
    assert first == spans(month, plain.tests["test"])[:, 0].min()
    assert spans(month, held.valid)[:, 1].max() < first - 2 * 86_400
    assert spans(month, held.train)[:, 1].max() < spans(month, held.valid)[:, 0].min() - 2 * 86_400


def test_sizes_are_steps_of_the_series_as_in_the_long_horizon_benchmarks(tmp_path: Path) -> None:
    """8,640, 2,880 and 2,880 hours with a context of 336 and a horizon of 96 leave 8,209, 2,785 and 2,785 origins."""
    data = prepared(
        meter("OT", 600, 10), tmp_path, reshape={"context": 336, "horizon": 96},
        split={"name": "walk-forward", "sizes": [8640, 2880, 2880]},
    )  # fmt: skip
    fold = data.folds[0]
    assert (len(fold.train), len(fold.valid), len(fold.tests["test"])) == (8_209, 2_785, 2_785)


def test_folds_test_one_block_after_another_and_train_on_all_before(month: Prepared) -> None:
    folds = [split(month, fold=f"{at}/3") for at in (1, 2, 3)]
    starts = [spans(month, each.tests["test"])[:, 0].min() for each in folds]
    assert starts == sorted(starts) and len(set(starts)) == 3
    for before, after in pairwise(folds):
        assert set(before.train) < set(after.train)
        assert not set(before.tests["test"]) & set(after.tests["test"])


def test_a_span_of_training_slides(month: Prepared) -> None:
    fold = split(month, train_span="7d")
    assert month.examples.windows is not None and month.examples.windows.ahead is not None
    begin = month.examples.windows.ahead.stamps[month.examples.windows.start[fold.train]]
    cut = spans(month, fold.valid)[:, 0].min()
    assert cut - begin.min() <= 7 * 86_400
    assert any("before the span that trains" in why for why in fold.outside)


def test_the_stage_takes_out_what_any_split_leaves_across_a_cut(month: Prepared) -> None:
    fold = month.folds[0]
    assert month.examples.windows is not None
    judged = month.examples.windows.take(np.concatenate([fold.valid, fold.tests["test"]])).judged()
    assert not month.examples.windows.take(fold.train).touching(judged).any()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"sizes": [9_000, 10, 10]}, "asks for 9,020 steps, and there are 720"),
        ({"sizes": [500, 5, 100]}, "leaves no forecast for validation"),
        ({"fold": "4/3"}, "is no part of several"),
    ],
)
def test_parts_that_cannot_be_are_one_clear_line(
    month: Prepared, options: dict[str, object], what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        split(month, **options)


def test_two_ways_of_cutting_are_refused() -> None:
    with pytest.raises(UsageError, match="both say where the parts lie"):
        WalkForward(sizes=[1, 1, 1], fold="1/3")


def test_a_test_of_the_users_own_goes_on_where_training_ends(tmp_path: Path) -> None:
    """Its first forecast has its context in the rows of training, and what crosses over is left out."""
    rows = meter("a", 30, 10)
    told: list[str] = []
    data = prepared(rows.iloc[:600], tmp_path, tests={"test": (rows.iloc[600:],)}, told=told)
    fold = data.folds[0]
    assert data.split == "walk-forward" and len(fold.tests["test"]) == 120 - 12 + 1
    train, valid, test = (spans(data, part) for part in (fold.train, fold.valid, fold.tests["test"]))
    assert train[:, 1].max() < valid[:, 0].min() < valid[:, 1].max() < test[:, 0].min()
    assert any("whose horizon lies in two of the parts" in note for note in data.notes)
