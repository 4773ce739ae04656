"""The sample notes of medical/diagnosis are as varied, as awkward and as hard as they claim."""

import csv
import re
import subprocess
import sys
from collections import Counter, defaultdict
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import mean

import pytest

from vertikit_medical.samples import diagnosis

Rows = list[dict[str, str]]
SYNONYMS = ("flu", "uti", "gerd", "gord", "cystitis", "pyelo", "calculi", "calculus", "ihd", "acs", "urti")


@cache
def sample(seed: int = 0) -> Rows:
    return list(diagnosis.notes(900, seed))


def usable(seed: int = 0) -> Rows:
    return [row for row in sample(seed) if row["text"] and row["disease"]]


def labels_by_text(rows: Rows) -> dict[str, list[str]]:
    labels = defaultdict(list)
    for row in rows:
        labels[row["text"].casefold()].append(row["disease"])
    return labels


@cache
def macro_f1(seed: int, by_patient: bool) -> float:
    """Of TF-IDF and logistic regression on 30 % of the sample with that seed."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import f1_score
    from sklearn.model_selection import GroupShuffleSplit
    from threadpoolctl import threadpool_limits

    rows = usable(seed)
    truth = [row["disease"] for row in rows]
    # Blind to patients is to take each note for a patient of its own.
    groups = [row["patient" if by_patient else "note_id"] for row in rows]
    train, test = next(GroupShuffleSplit(1, test_size=0.3, random_state=seed).split(rows, groups=groups))
    # Words seen once are left out for speed; they cost no score.
    terms = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2)
    features = terms.fit_transform(rows[number]["text"] for number in train)
    model = LogisticRegression(C=10, class_weight="balanced", max_iter=300, tol=1e-3)
    with threadpool_limits(1):  # so small a fit loses by threads, many times over on a busy machine
        model.fit(features, [truth[number] for number in train])
    predicted = model.predict(terms.transform(rows[number]["text"] for number in test))
    return float(f1_score([truth[number] for number in test], predicted, average="macro", zero_division=0))


def test_the_same_seed_writes_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("first", 3), ("again", 3), ("other", 4)):
        diagnosis.write(tmp_path / name, rows=200, seed=seed)
    first = (tmp_path / "first").read_bytes()
    assert first == (tmp_path / "again").read_bytes()
    assert first != (tmp_path / "other").read_bytes()


def test_the_file_reads_back_as_the_notes(tmp_path: Path) -> None:
    diagnosis.write(tmp_path / "notes.csv")
    with (tmp_path / "notes.csv").open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == sample()


@pytest.mark.parametrize("rows", [0, 1, 30, 1500])
def test_as_many_notes_come_as_are_asked_for(rows: int) -> None:
    assert len(list(diagnosis.notes(rows))) == rows


def test_importing_the_generator_brings_in_no_heavy_library() -> None:
    code = (
        "import sys, vertikit_medical.samples.diagnosis; "
        "print({'numpy', 'pandas', 'torch', 'sklearn'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_at_least_a_dozen_diseases_come_from_common_to_rare(seed: int) -> None:
    counts = Counter(row["disease"] for row in usable(seed))
    assert len(counts) >= 12
    assert 0.10 < max(counts.values()) / 900 < 0.20
    assert 0.006 < min(counts.values()) / 900 < 0.03


def test_most_patients_return_and_often_for_the_same() -> None:
    visits = defaultdict(list)
    for row in usable():
        visits[row["patient"]].append(row["disease"])
    returning = [labels for labels in visits.values() if len(labels) > 1]
    assert len(returning) > len(visits) / 2
    same = [before == after for labels in returning for before, after in pairwise(labels)]
    assert 0.4 < mean(same) < 0.85


def test_facts_beside_the_note_are_plausible_and_sometimes_missing() -> None:
    rows = sample()
    assert all(1 <= int(row["age"]) <= 95 for row in rows if row["age"])
    assert {row["sex"] for row in rows} == {"F", "M", ""}
    assert len({row["site"] for row in rows} - {""}) == 4
    for name in ("visit_date", "sex", "age", "site"):
        assert 0.01 < mean(row[name] == "" for row in rows) < 0.15
    assert all(row["patient"] and row["note_id"] for row in rows)
    assert len({row["note_id"] for row in rows}) == len(rows)


def test_some_notes_are_one_sentence_and_others_long() -> None:
    lengths = [len(row["text"].split()) for row in usable()]
    assert mean(length <= 10 for length in lengths) > 0.05
    assert max(lengths) > 50


def test_a_few_notes_are_copied_forward_within_a_patient() -> None:
    repeated = [labels for labels in labels_by_text(usable()).values() if len(labels) > 1]
    assert 5 <= sum(len(set(labels)) == 1 for labels in repeated) <= 15
    patients = defaultdict(set)
    for row in usable():
        patients[row["text"].casefold(), row["disease"]].add(row["patient"])
    assert all(len(holders) == 1 for holders in patients.values())


def test_a_few_notes_are_nearly_copies() -> None:
    by_patient = defaultdict(list)
    for row in usable():
        by_patient[row["patient"]].append(set(row["text"].split()))
    near = 0
    for texts in by_patient.values():
        pairs = [(a, b) for number, a in enumerate(texts) for b in texts[:number] if a != b]
        near += sum(len(a & b) / len(a | b) >= 0.8 for a, b in pairs)
    assert 5 <= near <= 30


def test_a_few_texts_carry_labels_that_conflict() -> None:
    conflicts = [labels for labels in labels_by_text(usable()).values() if len(set(labels)) > 1]
    assert 2 <= len(conflicts) <= 5
    assert sum(map(len, conflicts)) <= 12


def test_three_to_six_rows_cannot_be_used() -> None:
    no_text = [row for row in sample() if not row["text"]]
    no_disease = [row for row in sample() if not row["disease"]]
    assert no_text
    assert no_disease
    assert 3 <= len(no_text) + len(no_disease) <= 6


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_note_names_a_disease(seed: int) -> None:
    names = {row["disease"] for row in usable(seed)}
    words = {word for name in names for word in re.findall("[a-z]{4,}", name)}
    named = re.compile(rf"\b(({'|'.join(sorted(words))})\w*|{'|'.join(SYNONYMS)})\b", re.IGNORECASE)
    assert not [row["text"] for row in sample(seed) if named.search(row["text"])]


def test_words_alone_solve_the_task_neither_fully_nor_by_chance() -> None:
    scores = [macro_f1(seed, by_patient=True) for seed in (0, 1, 2)]
    assert min(scores) > 0.4
    assert max(scores) < 0.9


def test_a_split_that_is_blind_to_patients_flatters() -> None:
    grouped = mean(macro_f1(seed, by_patient=True) for seed in range(5))
    blind = mean(macro_f1(seed, by_patient=False) for seed in range(5))
    assert blind > grouped + 0.02
