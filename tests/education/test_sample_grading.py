"""The sample answers of education/grading are as varied, as awkward and as hard as they claim."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest

from vertikit_education.samples.grading import COPIED_QUESTION, EMPTY, FIELDS, answers, write
from vertikit_education.samples.grading_questions import QUESTIONS

ROWS = list(answers(1200, seed=0))
GRADED = [row for row in ROWS if row["answer"] and row["grade"]]


def words(text: str) -> set[str]:
    return set(text.casefold().replace(",", " ").replace(".", " ").split())


def test_the_seed_decides_all(tmp_path: Path) -> None:
    assert list(answers(50, seed=3)) == list(answers(50, seed=3)) != list(answers(50, seed=4))
    write(tmp_path / "a.csv", rows=50, seed=3)
    lines = (tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(FIELDS) and len(lines) >= 51


def test_grades_are_steps_from_0_to_4_and_unevenly_given() -> None:
    counts = Counter(row["grade"] for row in GRADED)
    assert set(counts) == {"0", "1", "2", "3", "4"}
    assert max(counts.values()) > 1.5 * min(counts.values())


def test_there_are_questions_of_several_subjects_and_students_who_come_back() -> None:
    assert len(QUESTIONS) >= 24 and len({question.subject for question in QUESTIONS}) == 4
    assert len({row["question_id"] for row in ROWS}) == len(QUESTIONS)
    assert max(Counter(row["student"] for row in ROWS).values()) >= 8


def test_overlap_with_the_reference_says_something_and_far_from_all() -> None:
    shares = [
        len(words(row["answer"]) & words(row["reference"])) / len(words(row["reference"])) for row in GRADED
    ]
    found = float(np.corrcoef(shares, [float(row["grade"]) for row in GRADED])[0, 1])
    assert 0.2 < found < 0.7


def test_two_graders_agree_mostly_and_not_always() -> None:
    both = [(int(row["grade"]), int(row["grade2"])) for row in GRADED if row["grade2"]]
    assert len(both) > 300
    assert 0.7 < float(np.corrcoef(np.array(both).T)[0, 1]) < 0.95
    assert max(abs(one - two) for one, two in both) <= 2


def test_flaws_of_real_files_are_there() -> None:
    assert 0 < sum(not row["answer"] for row in ROWS) < 30
    assert 0 < sum(not row["grade"] for row in ROWS) < 30
    given = defaultdict(set)
    for row in GRADED:
        given[row["question_id"], row["answer"]].add(row["grade"])
    assert sum(len(grades) > 1 for grades in given.values()) > 5, "no answer got two grades"
    assert any(row["answer"] in EMPTY for row in ROWS)


@pytest.mark.parametrize(
    "opening", ["it is not true that", "it never happens that", "it is wrong to say that"]
)
def test_claims_are_turned_round_in_the_words_of_the_reference(opening: str) -> None:
    turned = [row for row in GRADED if opening in row["answer"].casefold()]
    assert len(turned) > 20


def test_a_copied_question_earns_no_more_than_a_graders_slip() -> None:
    copied = [row for row in GRADED if row["question"].casefold()[:12] in row["answer"].casefold()]
    assert len(copied) > 600 * COPIED_QUESTION
    assert all(int(row["grade"]) <= 1 for row in copied)
