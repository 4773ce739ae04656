"""Which parts of the reference an answer covers: parts, the threshold, and what is said."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from datasets import Dataset
from numpy.typing import NDArray

from vertikit.examples import Examples
from vertikit_education.coverage import Coverage, parts

WORDS = ("ice", "dense", "water", "hydrogen", "bonds", "open", "grid", "floats")


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """Counts of a few words: an encoder that anybody can check by hand."""
    counts = [[text.casefold().count(word) for word in WORDS] for text in texts]
    return np.asarray(counts, np.float32) + 1e-3


def examples(rows: list[tuple[str, str]]) -> Examples:
    table = Dataset.from_dict({"reference": [each[0] for each in rows], "answer": [each[1] for each in rows]})
    names = np.array([""] * len(rows), object)
    return Examples(table, np.arange(1, len(rows) + 1), names, names)


REFERENCE = "Ice is less dense than water. Hydrogen bonds hold it in an open grid."
HALF, OTHER = "the ice is not so dense as the water", "hydrogen bonds make an open grid"


def fitted() -> Coverage:
    random = np.random.default_rng(0)
    rows, grades = [], []
    for _ in range(60):
        said = [each for each in (HALF, OTHER) if random.random() < 0.5]
        rows.append((REFERENCE, ". ".join(said) or "no idea"))
        grades.append(str(2 * len(said)))
    coverage = Coverage()
    coverage.fit(examples(rows), np.array(grades, object), encode)
    return coverage


def test_sentences_and_clauses_of_long_ones_are_parts_and_single_words_are_none() -> None:
    assert parts(REFERENCE) == [
        "Ice is less dense than water.",
        "Hydrogen bonds hold it in an open grid.",
    ]
    long = "The first thing to say is that the bonds are long and weak, and they hold the grid open."
    assert len(parts(long)) == 2
    assert parts("It floats. Yes.") == ["It floats. Yes."]


def test_what_is_said_is_covered_and_the_rest_is_missing_in_the_words_of_the_reference() -> None:
    said = fitted().remark(
        examples([(REFERENCE, HALF), (REFERENCE, f"{HALF}. {OTHER}"), (REFERENCE, "")]), encode
    )
    assert said["covered"][0] == "Ice is less dense than water."
    assert said["missing"][0] == "Hydrogen bonds hold it in an open grid."
    assert said["missing"][1] == "" and said["covered"][2] == ""


def test_of_several_references_the_one_that_is_covered_most_is_told() -> None:
    said = fitted().remark(examples([(f"It floats on a grid.|||{REFERENCE}", f"{HALF}. {OTHER}")]), encode)
    assert said["missing"] == [""] and "Hydrogen" in said["covered"][0]


def test_nothing_is_said_where_coverage_does_not_go_with_the_grades() -> None:
    rows = [(REFERENCE, HALF if at % 2 else OTHER) for at in range(40)]
    coverage = Coverage()
    coverage.fit(
        examples(rows), np.array(["2", "3"] * 20, object)[np.random.default_rng(0).permutation(40)], encode
    )
    if coverage.threshold is None:
        assert set(coverage.remark(examples(rows), encode)["missing"]) == {""}
    assert coverage.threshold is None or coverage.correlation >= 0.1
    other = Coverage()
    other.load(coverage.state())
    assert (other.threshold, other.rows) == (coverage.threshold, coverage.rows)


def test_a_run_says_what_is_missing_and_never_quotes_an_answer(tmp_path: Path, tiny_encoder: Path) -> None:
    import vertikit
    from vertikit_education.samples.grading import write

    write(tmp_path / "answers.csv", rows=300, seed=2)
    run = vertikit.train(
        "education/grading",
        tmp_path / "answers.csv",
        output=tmp_path / "run",
        progress=False,
        backbone=str(tiny_encoder),
        epochs=1,
        evaluation={"bootstrap": 0, "compare_experts": False},
    )
    kept = pd.read_parquet(run.folder / "predictions.parquet")
    assert {"covered", "missing"} <= set(kept)
    table = pd.read_csv(tmp_path / "answers.csv")
    fresh = vertikit.load(run.folder).predict(table)
    assert list(fresh.iloc[kept.row - 1].missing) == list(kept.missing)
    for said, reference in zip(kept.missing, table.reference[kept.row - 1], strict=True):
        assert all(part in reference for part in said.split(" | "))
