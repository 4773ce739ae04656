"""What a profile keeps of training rows, and that it keeps nothing else."""

from __future__ import annotations

import json

import numpy as np

from vertikit.contracts import State
from vertikit.watch.comparing import bundled, compare, judged
from vertikit.watch.measured import KINDS, NUMBERS, Measured
from vertikit.watch.profiles import FINE, OWN, Profile, profile
from vertikit.watch.reference import Reference
from vertikit.watch.shares import of_columns, out_of_range, share

KEY = "ab" * 32


def numbers(values, private=False, name="amount", bundle=""):
    values = np.asarray(values, np.float64)
    return Measured(name, name, NUMBERS, values, np.arange(len(values)), private, bundle=bundle)


def kinds(values, private=False, name="shop"):
    return Measured(name, name, KINDS, np.array(values, object), np.arange(len(values)), private)


def entry(measured, groups=()):
    made = Reference()
    made.add(measured, list(groups), KEY)
    return made.entries[measured.name]


def test_numbers_are_kept_as_quantiles_and_a_missing_one_is_counted_apart():
    random = np.random.default_rng(0)
    values = np.append(random.lognormal(size=5000), [np.nan] * 7)
    own = profile(numbers(values), [], KEY)
    assert len(own.counts) == FINE and own.counts.sum() == 5000 and own.missing == 7
    assert own.counts.max() - own.counts.min() <= 1
    assert own.ends == (values[:-7].min(), values[:-7].max())


def test_a_private_number_leaves_no_single_value():
    random = np.random.default_rng(0)
    values = random.normal(size=500)
    own = profile(numbers(values, private=True), [], KEY)
    assert own.ends is None and len(own.edges) < 20
    assert not np.isin(own.edges, values).any()


def test_names_of_private_kinds_are_not_kept():
    tree, _ = profile(kinds(["Smith", "Jones"] * 20, private=True), [], KEY).saved()
    assert "Smith" not in json.dumps(tree)
    tree, _ = profile(kinds(["red", "blue"] * 20), [], KEY).saved()
    assert sorted(tree["names"]) == ["blue", "red"]


def test_a_profile_is_the_same_after_it_was_written():
    for each in (numbers([1, 2, 2, np.nan]), kinds(["a", "b", None, "a"]), numbers(np.arange(300))):
        own = profile(each, [], KEY)
        again = Profile.read(json.loads(json.dumps(own.saved()[0])), own.saved()[1])
        assert again.count(each).tolist() == own.counts.tolist()
        assert again.clusters == own.clusters and again.names == own.names


def test_a_value_that_is_none_of_few_goes_to_a_cell_of_its_own():
    own = profile(numbers([1, 2, 3] * 10), [], KEY)
    assert own.count(numbers([1, 2.5, 9, 3])).tolist() == [1, 0, 1, 2]


def test_many_kinds_share_cells_by_hash_and_new_ones_are_still_told():
    random = np.random.default_rng(0)
    names = [f"shop{each}" for each in random.integers(0, 300, 5000)]
    own = profile(kinds(names), [], KEY)
    assert len(own.counts) == OWN and own.names == ()
    assert own.unknown(kinds(["shop1", "elsewhere"])).tolist() == [False, True]


def test_nothing_alarms_where_nothing_moved_and_a_change_of_unit_does():
    random = np.random.default_rng(3)
    reference = entry(numbers(random.lognormal(size=3000)))
    same = compare(reference, numbers(random.lognormal(size=400)), [])
    other = compare(reference, numbers(100 * random.lognormal(size=400)), [])
    (first, second), _ = judged([same, other], [], 0.05, 0.1)
    assert first is not None and first.level == "large" and first.p < 1e-9
    assert second.level == "" and second.shift < 0.05


def test_luck_of_few_rows_and_a_trifle_of_many_do_not_alarm():
    random = np.random.default_rng(4)
    reference = entry(numbers(random.normal(size=100_000)))
    trifle = compare(reference, numbers(random.normal(0.05, size=100_000)), [])
    few = compare(reference, numbers(random.normal(size=20)), [])
    found, _ = judged([trifle, few], [], 0.05, 0.1)
    assert trifle.p < 1e-6 and trifle.psi < 0.01 and few.psi > 0.1
    assert [each.level for each in found] == ["", ""]


def test_a_bundle_counts_once_with_its_surest_direction():
    random = np.random.default_rng(5)
    found = []
    for at in range(4):
        reference = entry(numbers(random.normal(size=900), name=f"d{at}", bundle="content"))
        later = numbers(random.normal(3.0 * (at == 2), size=300), name=f"d{at}", bundle="content")
        found.append(compare(reference, later, []))
    (one,) = bundled(found)
    assert one.name == "content" and one.psi == found[2].psi and one.p == min(1.0, 4 * found[2].p)


def test_what_is_the_same_in_all_rows_is_no_comparison():
    assert compare(entry(numbers([1.0] * 50)), numbers([1.0] * 20), []) is None
    assert compare(entry(kinds(["a"] * 50)), kinds(["b"] * 20), []) is not None
    assert compare(entry(numbers([np.nan] * 50)), numbers([1.0] * 20), []) is None


def test_shares_of_missing_and_of_unknown_kinds_are_told_with_what_is_to_be_expected():
    made = Reference()
    made.add(kinds(["a", "b", "c"] * 100 + ["once"]), [], KEY)
    made.add(numbers([1.0, 2.0] * 150 + [np.nan]), [], KEY)
    now = {
        "shop": kinds(["a"] * 60 + ["new"] * 40),
        "amount": numbers([1.0] * 70 + [np.nan] * 30),
    }
    found = {each.kind: each for each in of_columns(made, now, 100)}
    assert found["unknown"].after == 0.4 and found["unknown"].before == 1 / 301
    assert found["missing"].after == 0.3 and found["missing"].p < 1e-6
    assert {each.kind for each in of_columns(made, {}, 100) if each.after == 1} == {"missing"}


def test_a_share_has_to_move_by_two_points():
    many = share("x", "missing", (1000, 100_000, 1500, 100_000))
    _, (judged_one,) = judged([], [many], 0.05, 0.1)
    assert many.p < 1e-6 and not judged_one.alarms
    _, (judged_one,) = judged([], [share("x", "missing", (1000, 100_000, 4000, 100_000))], 0.05, 0.1)
    assert judged_one.alarms


def test_rows_out_of_the_training_range_are_counted_once_a_row():
    made = Reference()
    made.add(numbers(np.arange(100.0)), [], KEY)
    made.add(numbers(np.arange(100.0), name="age"), [], KEY)
    now = {"amount": numbers([5, 500, -1, 7]), "age": numbers([5, 500, 3, 4], name="age")}
    assert out_of_range(made, now, 4).now == 2


def test_a_reference_is_the_same_after_it_was_written():
    made = Reference()
    made.add(numbers(np.arange(300.0)), [], KEY)
    made.add(kinds(["a", "b"] * 9), [], KEY)
    made.stick.words["text"] = np.arange(5, dtype=np.uint32)
    made.read, made.unusable, made.reasons, made.rows = 330, 3, (("shop is missing", 3),), 300
    state = made.state()
    again = Reference()
    again.load(State(json.loads(json.dumps(state.tree)), state.arrays))
    assert again.state().tree == state.tree and set(again.state().arrays) == set(state.arrays)
    assert again.entries["amount"].profile.ends == (0.0, 299.0)
