"""A stream of payments in pieces is told what the whole is told, to the bit."""

from __future__ import annotations

import numpy as np
import pytest

from tests.plugins.experts.test_velocity import PRESENT, TASK, made
from vertikit.examples import Examples
from vertikit_plugins.experts.velocity import Velocity

ROWS, LEARNT = 900, 500
RANDOM = np.random.default_rng(3)
DAYS = np.sort(RANDOM.random(ROWS) * 100).round(2)  # some of the same moment
CARDS = [None if RANDOM.random() < 0.03 else f"c{at}" for at in RANDOM.integers(0, 25, ROWS)]
AMOUNTS = RANDOM.lognormal(3, 1, ROWS).round(2).tolist()
TRUTH = np.where(RANDOM.random(ROWS) < 0.15, "fraud", "genuine").astype(object)
IDS = [f"p{at}" for at in range(ROWS)]


def rows(at: np.ndarray) -> Examples:
    return made(
        DAYS[at].tolist(),
        [CARDS[each] for each in at],
        [AMOUNTS[each] for each in at],
        [IDS[each] for each in at],
    )


def velocity() -> Velocity:
    found = Velocity(amount="amount", delay="7d", spans=("1h", "1d", "7d", "30d"))
    assert found.begin(TASK, PRESENT) == ""
    return found


def trained() -> Velocity:
    found = velocity()
    found.remember(rows(np.arange(LEARNT)), TRUTH[:LEARNT])
    return found


WHOLE = velocity().features(rows(np.arange(ROWS)), TRUTH)
"""Of all payments at once, all labels known: what is seen of them is a week late in any case."""


@pytest.mark.parametrize("count", [1, 2, 7, 40, ROWS - LEARNT])
def test_counts_means_and_shares_are_those_of_the_whole_in_any_chunking(count: int) -> None:
    """The labels of a file come with the next one, by the ids of payments that are known."""
    live = trained()
    told: dict[str, list[np.ndarray]] = {name: [] for name in WHOLE}
    before = np.empty(0, np.int64)
    for piece in np.array_split(np.arange(LEARNT, ROWS), count):
        live.remember(rows(before), TRUTH[before])
        # A file that spans more than the delay tells its own labels, which are late inside it.
        own = TRUTH[piece] if DAYS[piece[-1]] - DAYS[piece[0]] > 7 else None
        for name, values in live.features(rows(piece), own).items():
            told[name].append(values)
        live.remember(rows(piece), own)
        state, live, before = live.state(), velocity(), piece
        live.load(state)
    for name, parts in told.items():
        assert np.array_equal(np.concatenate(parts), WHOLE[name][LEARNT:], equal_nan=True), name


def test_pieces_out_of_order_are_told_the_past_that_is_there() -> None:
    late, early = np.arange(LEARNT + 50, LEARNT + 100), np.arange(LEARNT, LEARNT + 50)
    live = trained()
    live.remember(rows(late), None)
    found = live.features(rows(early), None)
    assert np.array_equal(found["card_count_7d"], WHOLE["card_count_7d"][early], equal_nan=True)


def test_a_file_given_twice_changes_nothing_even_in_other_pieces() -> None:
    once, twice = trained(), trained()
    piece = np.arange(LEARNT, LEARNT + 120)
    once.remember(rows(piece), None)
    for part in (piece, piece[30:90], piece[::-1]):
        twice.remember(rows(part), None)
    one, other = once.state().arrays, twice.state().arrays
    assert all(np.array_equal(one[name], other[name]) for name in one)


def test_a_payment_dated_in_the_far_past_or_much_later_leaves_the_rest_remembered() -> None:
    live = trained()
    live.remember(made([-3000.0], ["c1"], ids=["old"]), None)
    piece = np.arange(LEARNT, LEARNT + 50)
    found = live.features(rows(piece), None)
    assert np.array_equal(found["card_count_30d"], WHOLE["card_count_30d"][piece], equal_nan=True)
