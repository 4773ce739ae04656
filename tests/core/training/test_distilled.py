"""A student of a run: what it learns by, what it is compared with, and what a teacher may not tell it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch

import vertikit
from vertikit import UsageError
from vertikit.adapt.taught import Teacher
from vertikit.training.distilled import _closed
from vertikit.training.distilling import student_layers
from vertikit_plugins.backbones.ngrams import source
from vertikit_plugins.losses.classification import cross_entropy

STUDENT = {
    "backbone": {"name": "ngrams", "buckets": 1024, "width": 8}, "strategy": "full", "epochs": 3, "blend": None,
    "optimiser": {"rate": 5e-3, "encoder_rate": 5e-3}, "evaluation": {"bootstrap": 20}, "baselines": ["majority"],
}  # fmt: skip


def student(run, notes, output, *, sides=None, data=None, **more):
    teacher = {"run": str(run.folder), **({"data": str(data)} if data else {}), **(sides or {})}
    return vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=output, progress=False,
        **{**STUDENT, "teacher": teacher, **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def taught(probe_run, notes, tmp_path_factory):
    return student(probe_run, notes, tmp_path_factory.mktemp("student") / "run")


def test_a_student_stands_beside_its_teacher_and_beside_itself_without_one(
    taught, probe_run, notes, tmp_path
):
    found = taught.metrics["teacher"]
    assert found["run"] == probe_run.folder.name
    expected = probe_run.metrics["test"]["macro_f1"]["value"]
    assert found["teacher"]["macro_f1"]["value"] == pytest.approx(expected)
    assert found["student"]["macro_f1"]["value"] == taught.metrics["test"]["macro_f1"]["value"]
    alone = vertikit.train(
        "medical/diagnosis",
        notes,
        map={"id": "note_id"},
        output=tmp_path / "alone",
        progress=False,
        **STUDENT,
    )
    for name in ("macro_f1", "log_loss"):
        assert found["alone"][name]["value"] == pytest.approx(alone.metrics["test"][name]["value"], abs=1e-5)
    assert found["alone"]["log_loss"] != found["student"]["log_loss"]
    sizes = {"teacher": probe_run, "student": taught}
    assert found["parameters"] == {name: run.metrics["cost"]["parameters"] for name, run in sizes.items()}
    assert "Learning by a teacher" in (taught.folder / "report.html").read_text(encoding="utf-8")


def test_a_student_needs_no_teacher_once_it_is_trained(taught, monkeypatch):
    said = taught.predict(["cough and fever", ""])
    assert "teacher" in (taught.folder / "recipe.yaml").read_text(encoding="utf-8")
    monkeypatch.setattr("vertikit.training.teaching.load", None)
    assert vertikit.load(taught.folder).predict(["cough and fever", ""]).equals(said)


def test_with_all_weight_on_the_teacher_the_truth_has_no_say():
    target = torch.tensor([[1.0, 1.0, -3.0, -0.1], [0.0, 0.0, -0.1, -3.0]], dtype=torch.float64)
    raw = torch.tensor([[0.3, -0.2], [0.3, -0.2]], requires_grad=True)
    loss = Teacher(target[:, 2:], np.array([1]), True, 1.0, 2.0).loss(cross_entropy(), torch.int64)
    other = target.clone()
    other[:, 0] = 1 - other[:, 0]
    assert torch.equal(loss(raw, target), loss(raw, other))


def test_a_row_without_a_label_is_taught_by_the_teacher_alone_and_a_perfect_copy_costs_nothing():
    soft = torch.log(torch.tensor([[0.2, 0.8], [0.9, 0.1]], dtype=torch.float64))
    teacher = Teacher(soft, np.array([1]), True, 0.5, 3.0)
    targets = teacher.targets(torch.tensor([1, 0]))
    assert targets[:, 1].tolist() == [1, 0]
    found = teacher.loss(cross_entropy(), torch.int64)(soft.float(), targets)
    assert float(found[1]) == pytest.approx(0, abs=1e-6)
    assert float(found[0]) == pytest.approx(-0.5 * np.log(0.8), abs=1e-5)


def test_numbers_are_taught_by_the_tasks_own_loss():
    soft = torch.tensor([[2.0], [1.0]], dtype=torch.float64)
    teacher = Teacher(soft, np.empty(0, np.int64), False, 0.25, 1.0)

    def squared(raw, target):
        return (raw[:, 0] - target) ** 2

    targets = teacher.targets(torch.tensor([1.0, 3.0]))
    loss = teacher.loss(squared, torch.float32)(torch.zeros(2, 1), targets)
    assert loss.tolist() == pytest.approx([0.25 * 4 + 0.75 * 1, 0.25 * 1 + 0.75 * 9])


def test_further_rows_without_labels_are_answered_and_learnt_from(taught, probe_run, notes, tmp_path):
    path = tmp_path / "more.txt"
    path.write_text("cough and fever since two days\nitch and rash\npain in the chest\n", encoding="utf-8")
    more = student(probe_run, notes, tmp_path / "more", data=path, sides={"compare": False})
    assert more.metrics["teacher"]["rows"] == 3
    assert "alone" not in more.metrics["teacher"]
    assert more.metrics["rows"]["train"] == taught.metrics["rows"]["train"]
    assert not more.predict(["itch"]).equals(taught.predict(["itch"]))


def test_a_student_may_be_pretrained_on_a_file_too_and_rows_that_cannot_be_used_are_counted(
    probe_run, notes, tmp_path, tiny_encoder, capsys
):
    path = tmp_path / "more.csv"
    path.write_text('text\ncough and fever since two days\n""\nitch and rash\n', encoding="utf-8")
    run = vertikit.train(
        "medical/diagnosis", notes, map={"id": "note_id"}, output=tmp_path / "run",
        **{**STUDENT, "backbone": str(tiny_encoder), "teacher": {"run": str(probe_run.folder)},
           "pretrain": {"epochs": 1, "data": str(path)}},
    )  # fmt: skip
    assert "alone" in run.metrics["teacher"]
    assert "pretrain.data: 3 rows without labels, 1 cannot be used" in capsys.readouterr().err


def test_a_teacher_that_has_learnt_from_test_rows_is_refused(probe_run, notes, tmp_path):
    with pytest.raises(UsageError, match="would tell the student"):
        student(probe_run, notes, tmp_path / "run", seed=5)


def test_a_teacher_of_another_task_or_of_other_classes_is_refused(probe_run, notes, tmp_path):
    table = pd.read_csv(notes, dtype=str)
    renamed = table.assign(disease=table["disease"].str.upper())
    with pytest.raises(UsageError, match="the teacher answers with"):
        student(probe_run, renamed, tmp_path / "run")
    graded = pd.DataFrame({"reference": ["a b c d"] * 60, "answer": [f"a b {n}" for n in range(60)]})
    graded["grade"] = [str(n % 3) for n in range(60)]
    graded["question"] = [f"q{n % 12}" for n in range(60)]
    with pytest.raises(UsageError, match=r"is a run of medical/diagnosis"):
        vertikit.train(
            "education/grading", graded, output=tmp_path / "grades", progress=False,
            **{**STUDENT, "teacher": {"run": str(probe_run.folder)}},
        )  # fmt: skip


def test_a_head_that_is_fitted_follows_no_teacher(probe_run, notes, tmp_path):
    with pytest.raises(UsageError, match="not trained by a loss"):
        student(probe_run, notes, tmp_path / "run", head="logistic", strategy="frozen", loss="none")


def test_without_a_backbone_of_its_own_a_student_is_the_teachers_lower_half(probe_run):
    [layer] = student_layers(probe_run, [], None)
    assert layer["backbone"]["layers"] == 1
    assert layer["seed"] == probe_run.recipe.seed
    assert layer["evaluation"] == {"compare_experts": False}
    own, _ = student_layers(probe_run, [{"backbone": "ngrams"}], "more.txt")
    assert own["teacher"]["data"] == "more.txt"
    assert own["optimiser"]["encoder_rate"] > 1e-3
    with pytest.raises(UsageError, match="needs one of its own"):
        student_layers(_Uncut(probe_run), [], None)


class _Uncut:
    """A run whose encoder has one layer."""

    def __init__(self, run):
        self.recipe, self.registry, self.folder, self.task = run.recipe, run.registry, run.folder, run.task
        self.manifest = {"backbones": {"text": {"modality": "text", "layers": 1}}}


def test_ngrams_read_a_text_the_same_in_any_company_and_an_empty_one_as_nothing():
    backbone = source(buckets=512, width=8).build()
    backbone.module.eval()
    items = backbone.items(["itch and rash", "", ("cough", "fever"), "itch and rash"])
    together = backbone.module(**items.collate(np.arange(4))).pooled
    alone = backbone.module(**items.collate(np.array([2]))).pooled
    assert torch.allclose(together[2], alone[0], atol=1e-6)
    assert torch.equal(together[0], together[3])
    assert not torch.equal(together[0], together[2])
    assert torch.isfinite(together[1]).all()


@pytest.mark.parametrize("wrong", [{"buckets": 3}, {"width": 0}, {"dropout": 1.0}])
def test_ngrams_of_absurd_size_are_refused(wrong):
    with pytest.raises(UsageError):
        source(**wrong)


def test_no_gap_is_told_where_the_deciding_metric_was_not_measured_on_all_three():
    told = {
        "alone": {"a": {"value": 0.5}},
        "student": {"a": {"value": 0.6}},
        "teacher": {"a": {"value": 0.7}},
    }
    assert _closed(told, "a") == pytest.approx(0.5)
    assert _closed(told, "recall_at_5_percent_overkill") is None
    assert _closed({**told, "teacher": told["alone"]}, "a") is None
