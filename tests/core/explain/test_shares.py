"""Whose answer it is: the experts' columns, and the other half of a blend."""

from __future__ import annotations

import numpy as np
import pytest
import torch

import vertikit
from vertikit.explain.explaining import Given, explain
from vertikit.explain.shares import blend, experts
from vertikit.explain.told import sentences
from vertikit.progress import SILENT
from vertikit_education.samples.grading import write


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    path = tmp_path_factory.mktemp("answers") / "answers.csv"
    write(path, rows=300, seed=1)
    return path


@pytest.fixture(scope="module")
def run(answers, tiny_encoder, tmp_path_factory):
    return vertikit.train(
        "education/grading", answers, output=tmp_path_factory.mktemp("runs") / "grading", progress=False,
        backbone=str(tiny_encoder), strategy="probe", epochs=10, baselines=["majority"],
        evaluation={"bootstrap": 0, "compare_experts": False},
    )  # fmt: skip


def test_an_expert_has_the_share_that_the_model_gives_it(run, answers):
    found = explain(run, Given((str(answers),), {}, (), ""), None, rows=2, progress=SILENT)
    (line,) = found.experts
    assert line["expert"] == "overlap" and line["rows"] == 300
    assert line["columns"] == len(run.parts.assembled.beside.columns)
    assert line["falls"]["ci95"][0] < line["falls"]["value"] < line["falls"]["ci95"][1]
    assert line["changed"] > 0
    told = " ".join(sentences(found))
    assert "columns of overlap hold what they usually do" in told and "the blend with" in told
    # Whole cells of the expert stand among the parts of a row, beside its words.
    named = {part.column for part in found.reasons[0].parts}
    assert named >= {"answer", "reference"} and named & set(run.parts.assembled.beside.columns)


def test_a_head_that_does_not_look_at_an_expert_leaves_it_no_share(run, answers, tmp_path):
    from vertikit.deploy.predicting import read_examples
    from vertikit.explain.parts import Reference

    fresh = vertikit.load(run.folder)
    (tmp_path / "rows").mkdir()
    read = read_examples(fresh, str(answers), {}, (), "", tmp_path / "rows", targets=False).examples
    parts = fresh.parts
    examples = parts.known(read, fresh.task)
    reference = Reference.of(parts, fresh.task, examples)
    before = experts(parts, examples, reference, 0)[0]
    assert before["falls"]["value"] != 0
    width = parts.assembled.beside.width
    parts.blend = None
    with torch.no_grad():
        layers = [each for each in parts.assembled.head.modules() if isinstance(each, torch.nn.Linear)]
        layers[0].weight[:, -width:] = 0
    after = experts(parts, examples, reference, 0)[0]
    assert after["falls"]["value"] == pytest.approx(0, abs=1e-9) and after["changed"] == 0
    assert blend(parts, examples, 0) == {}


def test_a_blend_in_which_the_model_alone_speaks_moves_nothing(run, answers, tmp_path):
    from vertikit.deploy.predicting import read_examples

    fresh = vertikit.load(run.folder)
    (tmp_path / "rows").mkdir()
    read = read_examples(fresh, str(answers), {}, (), "", tmp_path / "rows", targets=False).examples
    examples = fresh.parts.known(read, fresh.task).take(np.arange(50))
    whole = blend(fresh.parts, examples, 0)
    assert whole["with"] == fresh.recipe.blend and whole["falls"]["value"] != 0
    fresh.parts.blend.pool.weights = (1.0, 0.0)
    if fresh.outcome.labels:  # a pool of probabilities spreads a little of each over all classes
        assert abs(blend(fresh.parts, examples, 0)["falls"]["value"]) < 0.02
        assert blend(fresh.parts, examples, 0)["changed"] == 0
    else:
        assert blend(fresh.parts, examples, 0)["falls"]["value"] == pytest.approx(0, abs=1e-9)


def test_a_number_is_explained_by_how_far_it_moves_and_has_a_control_too(answers, tmp_path):
    import pandas as pd

    table = pd.read_csv(answers, dtype=str)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, len(table))
    table["grade"] = (table.grade.astype(float) / 4 * 0.8 + 0.1 + noise).clip(0, 1).round(3).astype(str)
    run = vertikit.train(
        "education/grading", table, output=tmp_path / "run", progress=False, backbone="ngrams", strategy="full",
        epochs=2, evaluation={"bootstrap": 0, "compare_experts": False},
    )  # fmt: skip
    given = Given((table,), {}, (), "")
    found = explain(run, given, given, rows=2, progress=SILENT)
    assert found.reasons[0].said == "" and 0 < found.reasons[0].answer < 1
    assert found.faithful["rows"] == 2 and "changed" not in found.blend
    norms = [[each.norm for each in side.changes] for side in (found.adapted, found.control)]
    assert min(norms[0]) > 0 and min(norms[1]) > 0 and norms[0] != norms[1]
    told = " ".join(sentences(found))
    assert "moves the number by" in told and "The control tells nothing: 2 blocks changed, and 4" in told
