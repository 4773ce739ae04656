"""Sample data of education/grading: short answers to exam questions, with points.

The answers are synthetic: a random generator puts them together from wordings written for this project; no student
wrote them. They are made to be as awkward as real ones: points in other words, claims turned round, vague filler,
typos, copied questions, two graders who differ, answers that several students give, missing grades and answers.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from random import Random

from vertikit_education.samples.grading_questions import QUESTIONS, Question

FIELDS = (
    "id",
    "question_id",
    "question",
    "reference",
    "answer",
    "grade",
    "grade2",
    "student",
    "group",
)
FULL = 4
SCHOOLS = ("north", "river", "hill")
FILLER = (
    "I think that", "as we learnt in class", "it depends", "this is very important", "in general", "because of that",
    "for example in daily life", "and so on", "you can see this everywhere", "basically",
)  # fmt: skip
EMPTY = ("i do not know", "no idea", "?", "-", "we did not do this", "sorry")
COPIED_QUESTION, NOTHING, REPEATED, MISSING_GRADE, MISSING_ANSWER, SECOND = (
    0.03,
    0.05,
    0.03,
    0.01,
    0.015,
    0.35,
)
TYPO = 0.02
LOST = 0.2
"""Share of empty answers that were graded all the same."""
NOISE = (0, 0, 0, 0, 0, 0, 0, 1, -1, -1)
"""What a grader adds to the points earned, drawn evenly."""


def answers(rows: int = 1200, seed: int = 0) -> Iterator[dict[str, str]]:
    """Give `rows` answers, keyed by `FIELDS`, "" where missing; the seed decides all."""
    random = Random(seed)
    students = [f"s{number:03d}" for number in range(max(2, rows // 8))]
    ability = {student: random.betavariate(2.2, 2.0) for student in students}
    school = {student: random.choice(SCHOOLS) for student in students}
    # Some questions are asked more often than others, as in a course of several terms.
    shares = [random.uniform(0.4, 1.6) for _ in QUESTIONS]
    given: list[tuple[int, str, float]] = []
    for number in range(1, rows + 1):
        student = random.choice(students)
        if given and random.random() < REPEATED:
            at, text, earned = random.choice(given)
        else:
            at = random.choices(range(len(QUESTIONS)), shares)[0]
            text, earned = _answer(QUESTIONS[at], ability[student], random)
            given.append((at, text, earned))
        question = QUESTIONS[at]
        if random.random() < MISSING_ANSWER:
            # Nothing was handed in; now and then an answer got lost after it was graded.
            text, earned = "", earned if random.random() < LOST else 0.0
        second = _graded(earned, random) if random.random() < SECOND else ""
        yield {
            "id": f"a{number:05d}",
            "question_id": f"q{at + 1:02d}",
            "question": question.text,
            "reference": question.reference,
            "answer": text,
            "grade": "" if random.random() < MISSING_GRADE else _graded(earned, random),
            "grade2": second,
            "student": student,
            "group": school[student],
        }


def write(path: Path, rows: int = 1200, seed: int = 0) -> None:
    """Write the answers as CSV (UTF-8, a header, "\\n" line ends)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(answers(rows, seed))


def _answer(question: Question, ability: float, random: Random) -> tuple[str, float]:
    """An answer, and the points that it earns."""
    kind = random.random()
    if kind < NOTHING:
        return random.choice(EMPTY), 0.0
    if kind < NOTHING + COPIED_QUESTION:
        return _typed(f"{question.text} {random.choice(FILLER)}", random), 0.0
    parts, earned = [], 0.0
    worth = FULL / len(question.points)
    for point in question.points:
        drawn = random.random()
        if drawn < 0.15 + 0.75 * ability:
            # Few use the words of the book, and these are not the better answers.
            parts.append(point[0] if random.random() < 0.2 else random.choice(point[1:]))
            earned += worth
        elif drawn < 0.3 + 0.75 * ability and random.random() < 0.6:
            parts.append(_turned(random.choice(point), random))
    if random.random() < 0.65 - 0.5 * ability or not parts:
        parts.append(random.choice(question.wrong))
        earned -= 0.5
    parts += random.sample(FILLER, random.choice((0, 0, 1, 1, 2)))
    if random.random() < 0.1:
        other = random.choice(QUESTIONS)
        parts.append(random.choice(random.choice(other.points)))
    random.shuffle(parts)
    return _typed(random.choice((", ", ". ", " and ")).join(parts), random), max(0.0, earned)


def _turned(claim: str, random: Random) -> str:
    """A claim denied: the same words, and no point."""
    opening = random.choice(("it is not true that", "it never happens that", "it is wrong to say that"))
    return f"{opening} {claim}"


def _graded(earned: float, random: Random) -> str:
    return str(min(FULL, max(0, round(earned) + random.choice(NOISE))))


def _typed(text: str, random: Random) -> str:
    """As a hurried student types it: letters swapped or lost, no capitals here and there."""
    letters = list(text if random.random() < 0.4 else text.lower())
    for at in range(1, len(letters) - 1):
        if letters[at].isalpha() and random.random() < TYPO / 2:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
        elif letters[at].isalpha() and random.random() < TYPO / 2:
            letters[at] = ""
    return "".join(letters)
