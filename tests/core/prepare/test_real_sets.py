"""The published sets, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vertikit.registry import registry

DATA = os.environ.get("VERTIKIT_BENCH_DATA", "")
pytestmark = pytest.mark.skipif(not DATA, reason="VERTIKIT_BENCH_DATA is not set")


@pytest.fixture
def medical():
    return Path(DATA) / "medical", registry().task("medical/diagnosis")


def test_the_conflicts_of_medical_abstracts_are_found_and_set_aside(run, medical):
    folder, task = medical
    mapping = {"text": "medical_abstract", "disease": "condition_label"}
    path = str(folder / "medical_abstracts" / "medical_tc_test.csv.gz")
    prepared = run(path, mapping=mapping, task=task)
    assert prepared.read == 2888
    assert (prepared.leaks.conflicting, prepared.leaks.conflicting_texts) == (231, 113)
    assert len(prepared.quarantine) == 231
    texts = [" ".join(text.casefold().split()) for text in prepared.examples.column("text")]
    assert len(texts) == len(set(texts)) == 2657
    kept = run(path, mapping=mapping, task=task, allow_leaks=True)
    texts = [" ".join(text.casefold().split()) for text in kept.examples.column("text")]
    assert len(texts) - len(set(texts)) == 118


def test_symptom2disease_splits_70_to_30_with_all_24_classes_everywhere(run, medical):
    folder, task = medical
    path = str(folder / "symptom2disease" / "Symptom2Disease.csv")
    prepared = run(path, mapping={"disease": "label"}, task=task, split={"test": 0.3})
    (fold,) = prepared.folds
    classes = prepared.examples.column("disease")
    assert len(fold.tests["test"]) == pytest.approx(360, abs=10)
    assert all(
        len({classes[at] for at in part}) == 24 for part in (fold.train, fold.valid, fold.tests["test"])
    )
    assert not fold.refit


def test_the_sentences_of_an_abstract_stay_together(run, medical):
    folder, task = medical
    path = str(folder / "nicta_piboso" / "nicta_piboso.csv.gz")
    mapping = {"text": "sentence", "disease": "label", "patient": "abstract_id"}
    prepared = run(path, mapping=mapping, task=task)
    assert prepared.split == "grouped"
    (fold,) = prepared.folds
    groups = prepared.examples.group
    assert not set(groups[fold.train]) & set(groups[fold.tests["test"]])
    assert len(fold.tests["test"]) / len(prepared.examples) == pytest.approx(0.2, abs=0.02)
