from __future__ import annotations

import numpy as np
import pytest
from datasets import Dataset

from tests.core.prepare.conftest import TASK
from vertikit.examples import Examples
from vertikit.prepare.duplicates import conflicting, first_of_each, text_codes
from vertikit.prepare.near_duplicates import near_duplicates


def examples(*texts, **columns):
    count = len(texts)
    table = Dataset.from_dict({"text": list(texts), **columns})
    blank = np.full(count, "", object)
    return Examples(table=table, rows=np.arange(1, count + 1), source=blank, part=blank)


def test_case_and_white_space_make_no_difference():
    codes = text_codes(
        TASK, examples("Fever  and\tcough", " fever and cough ", "FEVER AND COUGH", "fever, cough", "ß", "SS")
    )
    assert codes[0] == codes[1] == codes[2] != codes[3]
    assert codes[4] == codes[5]


def test_all_texts_of_a_row_count():
    codes = text_codes(TASK, examples("a", "a", "a b", "a", history=["b", None, None, "b"]))
    assert codes[0] == codes[3]
    assert len(set(codes.tolist())) == 3


def test_texts_with_different_classes_conflict_and_copies_of_one_class_do_not():
    codes = np.array([0, 1, 0, 2, 1, 3])
    classes = np.array(["flu", "flu", "cold", "flu", "flu", "cold"], object)
    assert conflicting(codes, classes).tolist() == [True, False, True, False, False, False]


def test_the_first_of_each_text_stands_for_its_copies():
    assert first_of_each(np.array([5, 1, 5, 2, 1])).tolist() == [0, 1, 0, 3, 1]


def brute_force(texts, train, judged, threshold):
    def shingles(text):
        words = text.split()
        return {tuple(words[at : at + 3]) for at in range(len(words) - 2)}

    sets = [shingles(text) for text in texts]
    return [
        any(len(sets[one] & sets[two]) / len(sets[one] | sets[two]) >= threshold for two in judged)
        for one in train
    ]


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.9, 1.0])
def test_near_duplicates_are_exactly_those_that_comparing_all_pairs_finds(threshold):
    random = np.random.default_rng(0)
    texts = []
    for _ in range(40):
        words = random.integers(0, 40, random.integers(5, 60)).astype(str)
        for changes in (0, 0, 1, 3):
            altered = words.copy()
            altered[random.integers(0, len(words), changes)] = "new"
            texts.append(" ".join(altered))
    order = random.permutation(len(texts))
    train, judged = order[:100], order[100:]
    found = near_duplicates(TASK, examples(*texts), train, judged, threshold)
    assert found.tolist() == brute_force(texts, train, judged, threshold)
    assert 0 < found.sum() < 100


def test_case_and_punctuation_make_no_difference_to_nearness():
    pair = examples("Fever, cough and a cold.", "fever cough - and a cold", "rash and itch")
    assert near_duplicates(TASK, pair, np.array([0, 2]), np.array([1]), 0.9).tolist() == [True, False]


def test_short_texts_are_near_only_if_their_words_are_the_same():
    few = examples("fever", "Fever!", "cough", "cough fever")
    assert near_duplicates(TASK, few, np.array([0, 2, 3]), np.array([1]), 0.9).tolist() == [
        True,
        False,
        False,
    ]


def test_texts_without_a_word_are_near_nothing():
    assert near_duplicates(TASK, examples("...", "?"), np.array([0]), np.array([1]), 0.9).tolist() == [False]
