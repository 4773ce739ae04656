"""A training that starts from another run's encoder: whose weights it has, what it may not, and what it was worth."""

from __future__ import annotations

import shutil

import numpy as np
import pandas as pd
import pytest
import torch

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.run.merged import merged_weights
from vertikit.training.started import NEGATIVE, kind_of, told

QUICK = {"epochs": 2, "blend": None, "baselines": ["majority"], "evaluation": {"bootstrap": 20}}


@pytest.fixture(scope="module")
def grades(tmp_path_factory):
    """Answers that share words with the notes, graded by how many of them are of one kind."""
    rng = np.random.default_rng(0)
    words = ["cough", "fever", "chest", "pain", "itch", "rash", "skin", "cold", "night", "sweat"]
    texts = [" ".join(rng.choice(words, 6)) for _ in range(180)]
    table = pd.DataFrame({"answer": texts, "reference": "cough and fever with chest pain"})
    table["grade"] = [str(min(3, sum(word in ("cough", "fever") for word in text.split()))) for text in texts]
    table["question"] = [f"q{at % 18}" for at in range(180)]
    path = tmp_path_factory.mktemp("grades") / "grades.csv"
    table.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def source(grades, tiny_encoder, tmp_path_factory):
    """A run of another trade with adapters."""
    return vertikit.train(
        "education/grading", grades, output=tmp_path_factory.mktemp("source") / "grader", progress=False,
        **{**QUICK, "backbone": str(tiny_encoder), "strategy": {"name": "lora", "rank": 4},
           "optimiser": {"rate": 0.02}, "epochs": 3, "patience": 0},
    )  # fmt: skip


def begun(notes, encoder, output, run, *, compare=False, **more):
    start = {"run": str(run.folder), "compare": compare}
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=output, progress=False,
        **{**QUICK, "cleaning": {"rare_classes": "quarantine"}, "backbone": str(encoder), "start": start, **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def started(notes, source, tiny_encoder, tmp_path_factory):
    return begun(notes, tiny_encoder, tmp_path_factory.mktemp("started") / "run", source, compare=True)


def plain_weights(run):
    return run.parts.assembled.backbones["text"].module.state_dict()


def test_the_encoder_has_the_runs_weights_with_its_adapters_merged_in(started, source, tiny_encoder):
    (there,) = merged_weights(source).values()
    here = plain_weights(started)
    assert here.keys() == there.keys()
    assert all(torch.equal(here[name], there[name]) for name in there)
    from transformers import BertModel

    bare = BertModel.from_pretrained(tiny_encoder).state_dict()
    name = next(each for each in there if each.endswith("query.weight"))
    assert not any(
        value.shape == there[name].shape and torch.equal(value, there[name]) for value in bare.values()
    )


def test_it_is_beside_the_same_recipe_from_the_plain_encoder(started, notes, tiny_encoder, tmp_path):
    found = started.metrics["start"]
    assert (found["run"], found["task"]) == ("grader", "education/grading")
    assert found["with"]["macro_f1"]["value"] == started.metrics["test"]["macro_f1"]["value"]
    plain = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "plain", progress=False,
        **{**QUICK, "cleaning": {"rare_classes": "quarantine"}, "backbone": str(tiny_encoder)},
    )  # fmt: skip
    for name in ("macro_f1", "log_loss"):
        expected = plain.metrics["test"][name]["value"]
        assert found["without"][name]["value"] == pytest.approx(expected, abs=1e-5)
    assert found["without"]["log_loss"] != found["with"]["log_loss"]
    value = found["with"]["macro_f1"]["value"] - found["without"]["macro_f1"]["value"]
    assert found["difference"]["value"] == pytest.approx(value, abs=1e-6)
    assert found["kind"] == kind_of(found["difference"])
    page = (started.folder / "report.html").read_text(encoding="utf-8")
    assert "Started from another run" in page and "from the plain encoder" in page


def test_it_needs_the_other_run_no_more_once_it_is_trained(notes, source, tiny_encoder, tmp_path):
    gone = tmp_path / "gone"
    shutil.copytree(source.folder, gone)
    for strategy in ("probe", "lora"):
        run = begun(
            notes, tiny_encoder, tmp_path / strategy, vertikit.load(gone), strategy=strategy, epochs=1
        )
        said = run.predict(["cough and fever", "itch"])
        shutil.move(gone, tmp_path / "elsewhere")
        assert vertikit.load(run.folder).predict(["cough and fever", "itch"]).equals(said)
        shutil.move(tmp_path / "elsewhere", gone)
    assert "start" in run.metrics and "without" not in run.metrics["start"]


def test_pretraining_goes_on_from_the_start(notes, source, tiny_encoder, tmp_path):
    run = begun(notes, tiny_encoder, tmp_path / "run", source, pretrain={"epochs": 1, "rate": 1e-9})
    (there,) = merged_weights(source).values()
    here = plain_weights(run)
    assert all(torch.allclose(here[name], there[name], atol=1e-6) for name in there)
    assert vertikit.load(run.folder).predict(["itch"]).equals(run.predict(["itch"]))


def test_another_encoder_is_refused(notes, source, tmp_path, tiny_encoder):
    from transformers import BertConfig, BertModel

    other = tmp_path / "other"
    shutil.copytree(tiny_encoder, other)
    torch.manual_seed(1)
    BertModel(BertConfig.from_pretrained(other)).save_pretrained(other)
    with pytest.raises(UsageError, match=r"start\.run: grader has the encoder"):
        begun(notes, other, tmp_path / "a", source)
    with pytest.raises(UsageError, match="has another shape"):
        begun(notes, tiny_encoder, tmp_path / "b", source, backbone={"name": str(tiny_encoder), "layers": 1})
    with pytest.raises(UsageError, match="grader has the encoder"):
        begun(
            notes, tiny_encoder, tmp_path / "c", source, strategy="full",
            backbone={"name": "ngrams", "buckets": 256, "width": 8},
        )  # fmt: skip
    with pytest.raises(UsageError, match="no such run"):
        begun(notes, tiny_encoder, tmp_path / "d", vertikit.run.run.Run(tmp_path / "none", {}))


def test_a_run_that_has_learnt_from_test_rows_is_refused(notes, probe_run, tiny_encoder, tmp_path):
    with pytest.raises(UsageError, match="has learnt from"):
        begun(notes, tiny_encoder, tmp_path / "run", probe_run, seed=5)


def test_texts_that_a_run_of_another_task_has_learnt_from_are_known_too(
    source, tmp_path, grades, tiny_encoder
):
    from dataclasses import replace

    from vertikit.registry import registry
    from vertikit.training.starting import seen_rows

    learnt = source.parts.learnt_from
    task = registry().task("education/grading")
    table = pd.read_csv(grades, dtype=str)
    from vertikit.prepare.prepared import Sources
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe

    recipe = resolve_recipe(task, registry(), layers=[{"backbone": str(tiny_encoder)}])
    data = prepare(task, Sources((table,)), recipe, registry(), tmp_path, lambda _: None)
    rows, whole = seen_rows(source, data.task, data.examples), len(learnt.seen(task, data.examples))
    assert rows == whole > 0
    # Under another name of the task, groups are other people's; the rows themselves are still known.
    assert (
        seen_rows(source, replace(data.task, name="education/other"), data.examples)
        == len(learnt.seen(task, data.examples, groups=False))
        > 0
    )


def test_one_that_knows_validation_rows_is_warned_of(notes, probe_run, tiny_encoder, tmp_path):
    run = begun(notes, tiny_encoder, tmp_path / "run", probe_run)
    assert any("validation rows" in each for each in run.metrics["warnings"])


def table_of(count, seed, names=("amount", "hour")):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({name: rng.normal(0, 1 + at, count).round(4) for at, name in enumerate(names)})
    table["fraud"] = (table[names[0]] + rng.normal(0, 0.5, count) > 1).astype(int)
    table["id"] = [f"{seed}-{at}" for at in range(count)]
    return table


TABLES = {
    **QUICK, "backbone": {"name": "mlp", "blocks": 1, "width": 8, "bins": 4}, "strategy": "full", "experts": [],
    "baselines": ["majority"], "split": "stratified", "policy": {"name": "alert-queue"},
}  # fmt: skip


def test_tables_start_with_the_scales_of_the_run_and_only_on_the_same_columns(tmp_path):
    first = vertikit.train(
        "finance/fraud", table_of(300, 0), output=tmp_path / "first", progress=False, **TABLES
    )
    start = {"run": str(first.folder)}
    second = vertikit.train(
        "finance/fraud",
        table_of(300, 1),
        output=tmp_path / "second",
        progress=False,
        **{**TABLES, "start": start},
    )
    one, two = (next(iter(run.parts.assembled.backbones.values())).state() for run in (first, second))
    assert all(np.array_equal(one.arrays[name], two.arrays[name]) for name in one.arrays)
    assert second.metrics["start"]["without"]
    with pytest.raises(UsageError, match=r"reads other columns than this data has \(.*colour"):
        vertikit.train(
            "finance/fraud", table_of(300, 2, ("amount", "hour", "colour")), output=tmp_path / "third", progress=False,
            **{**TABLES, "start": start},
        )  # fmt: skip


def test_a_damaged_run_is_no_start(notes, source, tiny_encoder, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(source.folder, copy)
    (copy / "metrics.json").write_text("{}", encoding="utf-8")
    with pytest.raises(VertikitError, match="has changed since the run was made"):
        begun(notes, tiny_encoder, tmp_path / "run", vertikit.run.run.Run(copy, {}))


@pytest.mark.parametrize(
    ("difference", "kind", "words"),
    [
        ({"value": -0.1, "ci95": [-0.2, -0.01]}, NEGATIVE, "Negative transfer"),
        ({"value": -0.1, "ci95": [-0.2, 0.01]}, "lower", "may be luck: the start is not shown to help"),
        ({"value": -0.1, "why": "no interval"}, "lower", "by luck is not known"),
        ({"value": 0.1, "ci95": [0.01, 0.2]}, "helps", "beyond luck"),
        ({"value": 0.1, "ci95": [-0.01, 0.2]}, "higher", "which may be luck"),
        ({"value": 0.0, "ci95": [0.0, 0.0]}, "same", "as good"),
        ({"value": None}, "unknown", "cannot be told"),
    ],
)
def test_only_what_lies_beyond_luck_is_called_negative_transfer(difference, kind, words):
    assert kind_of(difference) == kind
    assert words in told(difference, "macro_f1", "education/grading")
