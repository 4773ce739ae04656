"""Whether tests of two samples alarm as seldom as they say, and see what has moved."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from vertikit.watch.clusters import Clusters, clusters
from vertikit.watch.stability import by_chance, coarse, stability
from vertikit.watch.two_sample import chi_square, holm, kolmogorov_smirnov, share_test


def test_the_index_is_that_of_the_textbook():
    then, now = np.array([5000, 3000, 2000]), np.array([4000, 3000, 3000])
    expected = (0.4 - 0.5) * np.log(0.4 / 0.5) + (0.3 - 0.2) * np.log(0.3 / 0.2)
    assert stability(then, now) == pytest.approx(expected, abs=1e-3)
    assert stability(then, then * 2) == pytest.approx(0, abs=1e-6)


def test_what_chance_gives_is_what_small_samples_show():
    random, shares = np.random.default_rng(0), np.full(10, 0.1)
    drawn = [stability(random.multinomial(2000, shares), random.multinomial(100, shares)) for _ in range(300)]
    assert np.mean(drawn) == pytest.approx(by_chance(10, 2000, 100), rel=0.1)
    assert by_chance(10, 2000, 100) > 0.09  # a hundred rows alone give nearly what banks call moderate


def test_fine_bins_become_ten_that_are_about_equally_full():
    place = coarse(np.full(100, 7))
    assert np.bincount(place).tolist() == [10] * 10
    heavy = np.array([1, 1, 900, 1, 1, 96, 1, 1])
    assert len(set(coarse(heavy, 3)[[2]])) == 1 and coarse(heavy, 3)[2] != coarse(heavy, 3)[5]


def test_kolmogorov_smirnov_is_scipys_where_bins_are_fine():
    random = np.random.default_rng(1)
    then, now = random.normal(size=400), random.normal(0.25, size=150)
    edges = np.unique(np.concatenate([then, now]))[:-1]
    counts = [np.bincount(np.searchsorted(edges, each), minlength=len(edges) + 1) for each in (then, now)]
    apart, p = kolmogorov_smirnov(*counts, 400, 150)
    other = stats.ks_2samp(then, now)
    assert apart == pytest.approx(other.statistic, abs=1e-9)
    assert p == pytest.approx(other.pvalue, rel=0.15)


def test_chi_square_is_scipys_and_rare_cells_are_pooled():
    then, now = np.array([300, 200, 100]), np.array([40, 35, 25])
    _, p = chi_square(then, now, 600, 100)
    assert p == pytest.approx(stats.chi2_contingency([then, now], correction=False).pvalue)
    rare = np.array([300, 200, 100, 1, 0, 1, 0]), np.array([50, 33, 17, 0, 1, 0, 1])
    assert chi_square(*rare, 602, 102)[1] > 0.5
    assert stats.chi2_contingency(rare, correction=False).pvalue < 0.1


def test_a_share_is_tested_exactly():
    assert share_test(3, 100, 9, 50, only_rise=True) == pytest.approx(
        stats.fisher_exact([[9, 41], [3, 97]], alternative="greater").pvalue
    )
    assert share_test(0, 100, 0, 50) == 1.0
    assert share_test(50, 100, 1, 50, only_rise=True) > 0.99


def test_adjusted_values_are_holms():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


def test_rows_of_a_group_count_as_the_independent_ones_that_they_are_worth():
    random = np.random.default_rng(0)
    groups = np.repeat(np.arange(100), 5).astype(str).astype(object)
    same = np.repeat(random.integers(0, 10, 100), 5)
    own = clusters(same, groups, ordered=True, fallback=Clusters())
    assert own.alike == pytest.approx(1) and own.worth(500) == pytest.approx(100)
    free = clusters(random.integers(0, 10, 500), groups, ordered=False, fallback=Clusters())
    assert free.worth(500) > 400
    assert clusters(same, None, ordered=True, fallback=own) == own


@pytest.mark.parametrize("ordered", [True, False])
def test_groups_do_not_alarm_more_often_than_stated(ordered):
    """Patients with four alike rows each, none of them moved: without the groups half of such tests would alarm."""
    random, found, blind = np.random.default_rng(2), [], []
    for _ in range(200):
        sides = []
        for patients in (150, 60):
            level = random.normal(size=patients)
            values = np.repeat(level, 4) + 0.4 * random.normal(size=4 * patients)
            cells = np.searchsorted(np.linspace(-1.5, 1.5, 9), values)
            groups = np.repeat(np.arange(patients), 4).astype(str).astype(object)
            own = clusters(cells, groups, ordered=ordered, fallback=Clusters())
            sides.append((np.bincount(cells, minlength=10), own.worth(len(cells)), len(cells)))
        (then, worth_then, rows_then), (now, worth_now, rows_now) = sides
        test = kolmogorov_smirnov if ordered else chi_square
        found.append(test(then, now, worth_then, worth_now)[1] < 0.05)
        blind.append(test(then, now, rows_then, rows_now)[1] < 0.05)
    assert np.mean(found) <= 0.1 and np.mean(blind) > 0.2
