import numpy as np

from vertikit.evaluate.resampling import group_codes, resampled_rows, unit_count


def drawn(rows, groups=None, resamples=50, seed=0):
    return list(resampled_rows(rows, groups, resamples=resamples, seed=seed))


def test_the_same_seed_gives_the_same_resamples_and_another_seed_others():
    groups = np.array(list("aabbcd"), object)
    for given in (None, groups):
        first, again, other = drawn(6, given), drawn(6, given), drawn(6, given, seed=1)
        assert all(np.array_equal(*pair) for pair in zip(first, again, strict=True))
        assert any(not np.array_equal(*pair) for pair in zip(first, other, strict=True))


def test_rows_are_drawn_with_replacement_as_many_as_there_are():
    samples = drawn(20)
    assert all(len(each) == 20 and 0 <= each.min() <= each.max() < 20 for each in samples)
    assert all(len(set(each.tolist())) < 20 for each in samples)


def test_a_group_comes_whole_or_not_at_all():
    groups = np.array(["p1", "p2", "p1", "p3", "p2", "p1"], object)
    for sample in drawn(6, groups):
        counts = np.bincount(sample, minlength=6)
        assert counts[0] == counts[2] == counts[5]
        assert counts[1] == counts[4]
        assert counts[0] + counts[1] + counts[3] == 3


def test_rows_without_a_group_are_groups_of_their_own():
    groups = np.array(["p1", None, "p1", float("nan")], object)
    codes = group_codes(groups)
    assert codes[0] == codes[2]
    assert len(set(codes.tolist())) == 3
    assert unit_count(4, groups) == 3
    assert unit_count(4, None) == 4
