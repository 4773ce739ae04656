from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from vertikit import VertikitError
from vertikit_plugins.experts.past_rows import past_features

HOUR = 3_600_000_000
SPANS = {"1h": HOUR, "1d": 24 * HOUR}
DELAY = 10 * HOUR
RANDOM = np.random.default_rng(1)
ROWS = 300


def drawn() -> dict[str, list]:
    """Rows with ties, gaps, negative amounts and labels that are not known."""

    def some(values, lost: float) -> list:
        return [None if RANDOM.random() < lost else value for value in values]

    return {
        "order": list(range(ROWS)),
        "time": some((RANDOM.integers(0, 80, ROWS) * HOUR // 2).tolist(), 0.02),
        "card": some([f"c{each}" for each in RANDOM.integers(0, 6, ROWS)], 0.03),
        "amount": some(RANDOM.integers(-50_000, 900_000, ROWS).tolist(), 0.05),
        "label": some((RANDOM.random(ROWS) < 0.2).astype(int).tolist(), 0.2),
    }


KINDS = {
    "order": pa.int64(),
    "time": pa.int64(),
    "card": pa.string(),
    "amount": pa.int64(),
    "label": pa.int64(),
}


def features(rows: dict[str, list]) -> dict[str, list]:
    """In the order of the rows, None where a row has no time or no card."""
    table = pa.table({name: pa.array(values, KINDS[name]) for name, values in rows.items()})
    found = past_features(table, "card", SPANS, delay=DELAY).to_dict(as_series=False)
    place = {order: at for at, order in enumerate(found["order"])}
    return {
        name: [values[place[order]] if order in place else None for order in rows["order"]]
        for name, values in found.items()
        if name != "order"
    }


def test_counts_sums_and_late_labels_are_those_of_a_plain_loop():
    rows = drawn()
    found = features(rows)
    time, card, amount, label = (rows[name] for name in ("time", "card", "amount", "label"))
    for at in range(ROWS):
        if time[at] is None or card[at] is None:
            assert found["card_count_1h"][at] is None
            continue
        same = [each for each in range(ROWS) if card[each] == card[at] and time[each] is not None]
        for name, span in SPANS.items():
            own = [each for each in same if time[at] - span < time[each] < time[at]] + [at]
            assert found[f"card_count_{name}"][at] == len(own)
            assert found[f"card_sum_{name}"][at] == sum(amount[each] or 0 for each in own)
            assert found[f"card_amounts_{name}"][at] == sum(amount[each] is not None for each in own)
            told = [
                each
                for each in same
                if label[each] is not None and time[at] - DELAY - span < time[each] <= time[at] - DELAY
            ]
            assert found[f"card_known_{name}"][at] == len(told)
            assert found[f"card_frauds_{name}"][at] == sum(label[each] for each in told)
        earlier = [time[each] for each in same if time[each] < time[at]]
        assert found["card_since"][at] == (time[at] - max(earlier) if earlier else None)


def test_nothing_that_comes_later_changes_what_was_said():
    rows = drawn()
    rows["time"] = sorted(each or 0 for each in rows["time"])
    before = features({name: values[:200] for name, values in rows.items()})
    after = features(rows)
    cut = rows["time"][199]
    sure = [at for at in range(200) if rows["time"][at] < cut]
    for name, values in before.items():
        assert [values[at] for at in sure] == [after[name][at] for at in sure], name


def test_a_label_younger_than_the_delay_is_not_seen():
    rows = {"order": [0, 1], "time": [0, DELAY - 1], "card": ["a", "a"], "amount": [1, 1], "label": [1, None]}
    assert features(rows)["card_frauds_1d"] == [0, 0]
    rows["time"][1] = DELAY
    assert features(rows)["card_frauds_1d"] == [0, 1]


def test_an_empty_table_gives_an_empty_table_with_all_columns():
    found = features({name: [] for name in KINDS})
    assert found["card_count_1d"] == [] and "card_frauds_1h" in found


def test_amounts_too_large_to_be_summed_exactly_are_refused():
    rows = {"order": [0], "time": [0], "card": ["a"], "amount": [2**62], "label": [None]}
    with pytest.raises(VertikitError, match="sums are not exact"):
        features(rows)
