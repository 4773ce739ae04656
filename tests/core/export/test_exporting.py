"""An export answers as its run does, without the kit, and is refused where it would not."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli.entry import main
from vertikit.export.exporting import export

ALONE = """
import runpy, sys
for name in ("vertikit", "vertikit_plugins", "torch", "transformers", "pandas", "sklearn", "scipy"):
    sys.modules[name] = None
sys.argv = ["predict.py", *sys.argv[2:]]
sys.path.insert(0, {folder!r})
runpy.run_path({folder!r} + "/predict.py", run_name="__main__")
"""


def answered(folder, rows, *more):
    """By the program of an export, in a process that has neither the kit nor torch."""
    given = folder.parent / f"{folder.name}-rows.jsonl"
    given.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    command = [sys.executable, "-c", ALONE.format(folder=str(folder)), "-", str(given), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def lines(done):
    assert done.returncode == 0, done.stderr
    return [json.loads(each) for each in done.stdout.splitlines()]


@pytest.fixture(scope="module")
def text_export(probe_run, notes, tmp_path_factory):
    folder = tmp_path_factory.mktemp("text") / "export"
    made = export(probe_run, "onnx", folder, data=str(notes))
    return folder, made


def test_the_program_alone_answers_texts_as_the_run_does(text_export, probe_run, notes):
    folder, made = text_export
    assert made.parity.apart < 1e-5
    assert made.parity.otherwise == 0
    rows = pd.read_csv(notes)[["text"]].dropna().head(40).to_dict("records")
    rows[3] = {"text": "fever and cough " * 90}  # longer than the encoder takes
    wanted = probe_run.predict(pd.DataFrame(rows))
    found = pd.DataFrame(lines(answered(folder, rows)))
    names = [name for name in wanted if name.startswith("disease.p.")]
    assert np.abs(wanted[names].to_numpy() - found[names].to_numpy(float)).max() < 1e-5
    for name in ("disease", "decision", "reason"):
        assert wanted[name].tolist() == found[name].tolist()


def test_a_row_has_the_same_answer_in_any_company(text_export):
    folder, _ = text_export
    rows = [{"text": "cough and fever"}, {"text": "a red itch on the skin " * 20}, {"text": "dizzy"}]
    together = lines(answered(folder, rows))
    for row, own in zip(rows, together, strict=True):
        alone = lines(answered(folder, [row]))[0]
        for name, value in alone.items():
            if ".p." in name:
                assert value == pytest.approx(own[name], abs=1e-5)


def test_the_folder_says_what_goes_in_and_what_comes_out(text_export):
    folder, _ = text_export
    about = json.loads((folder / "model.json").read_text())
    assert [each["name"] for each in about["inputs"]] == ["text"]
    assert about["labels"] and about["outputs"][-1] == "reason"
    shapes = {name: each["shape"] for name, each in about["graph"]["inputs"].items()}
    assert shapes["input_ids"] == ["windows", "length"]
    assert not (folder / "example.json").exists()  # a row of the user's own stays at home
    assert "pip install numpy onnxruntime tokenizers" in (folder / "README.md").read_text()
    assert "training texts" in (folder / "README.md").read_text()


def test_an_export_on_the_sample_has_a_row_with_its_answer(probe_run, tmp_path):
    made = export(probe_run, "onnx", tmp_path / "e", alone=True)
    example = json.loads((tmp_path / "e/example.json").read_text())
    assert example["row"]["text"]
    assert example["answer"]["disease"] in probe_run.labels
    assert any("alone" in each for each in made.left_out)
    assert "blend" not in json.loads((tmp_path / "e/model.json").read_text())["parts"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"text": ""}, "text is missing"),
        ({}, "text is missing"),
        ({"text": "a\x00b"}, "NUL byte"),
        ({"text": "x" * 1_000_001}, "longer than 1,000,000"),
    ],
)
def test_the_program_says_why_a_row_cannot_be_used_and_answers_the_others(text_export, row, said):
    found = lines(answered(text_export[0], [{"text": "cough"}, row]))
    assert found[0]["error"] is None and found[0]["disease"]
    assert said in found[1]["error"] and found[1]["disease"] is None


def test_the_program_ends_with_one_line_where_its_file_is_none(text_export, tmp_path):
    folder, _ = text_export
    for content in (b"\xff\xfe\x00", b"[1, 2]", b"{"):
        path = tmp_path / "rows.json"
        path.write_bytes(content)
        done = subprocess.run(
            [sys.executable, str(folder / "predict.py"), str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1
        assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["model.onnx", "arrays.npz", "tokenizer.json", "model.json"])
def test_an_export_that_was_changed_says_so_in_one_line(text_export, tmp_path, name):
    copied = tmp_path / "e"
    shutil.copytree(text_export[0], copied)
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2 :] = b""
    (copied / name).write_bytes(bytes(content))
    done = answered(copied, [{"text": "cough"}])
    assert done.returncode == 1
    assert "copy it again" in done.stderr and done.stderr.count("\n") == 1


def test_csv_in_and_csv_out(text_export, tmp_path):
    folder, _ = text_export
    path = tmp_path / "rows.csv"
    path.write_text('text,age\n"cough, and fever",3\ndizzy,4\n', encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(folder / "predict.py"), str(path), str(tmp_path / "out.csv")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = pd.read_csv(tmp_path / "out.csv")
    assert len(found) == 2 and found["disease"].notna().all()


def test_a_table_leaves_with_its_trees_its_categories_and_its_times(table_run, payments, tmp_path):
    made = export(table_run, "onnx", tmp_path / "e", data=str(payments))
    assert made.parity.apart < 1e-5 and made.parity.otherwise == 0
    about = json.loads((tmp_path / "e/model.json").read_text())
    assert about["graph"]["outputs"] == ["raw", "blend"]
    assert {each["type"] for each in about["inputs"]} == {"number", "category", "timestamp"}
    rows = table_rows_of(payments)
    rows[0]["kind"], rows[1]["noise"], rows[2]["amount"] = "never seen", None, "1e3"
    wanted = table_run.predict(pd.DataFrame(rows))
    found = pd.DataFrame(lines(answered(tmp_path / "e", rows)))
    assert np.abs(wanted["fraud.p.fraud"] - found["fraud.p.fraud"].astype(float)).max() < 1e-5
    assert wanted["decision"].tolist() == found["decision"].tolist()


def table_rows_of(path):
    table = pd.read_csv(path).drop(columns="fraud").head(50).astype(object)
    return table.where(table.notna(), None).to_dict("records")


def test_windows_leave_with_what_the_experts_say_of_them_as_inputs(window_run, readings, tmp_path):
    made = export(window_run, "onnx", tmp_path / "e", data=str(readings))
    assert made.parity.apart < 1e-5 and made.parity.otherwise == 0
    about = json.loads((tmp_path / "e/model.json").read_text())
    kinds = {each["name"]: each["type"] for each in about["inputs"]}
    assert "series" in kinds.values()
    assert any(each.get("from") == "signal" for each in about["inputs"])
    assert any("signal" in each for each in made.left_out)


def test_several_texts_leave_with_their_overlap_and_a_grade_on_a_scale(pair_run, graded, tmp_path):
    made = export(pair_run, "onnx", tmp_path / "e", data=str(graded))
    assert made.parity.apart < 1e-5 and made.parity.otherwise == 0
    rows = pd.read_csv(graded, dtype=str).head(30)
    rows.loc[4, "answer"] = ""
    wanted = pair_run.predict(rows)
    records = rows.where(rows.notna(), None).to_dict("records")
    found = pd.DataFrame(lines(answered(tmp_path / "e", records)))
    names = [name for name in wanted if name.startswith("grade.p.")]
    usable = wanted["error"].isna()
    assert (
        np.abs(wanted.loc[usable, names].to_numpy(float) - found.loc[usable, names].to_numpy(float)).max()
        < 1e-5
    )
    assert wanted["decision"].tolist() == found["decision"].tolist()
    assert wanted["error"].isna().tolist() == found["error"].isna().tolist()


def test_the_smallest_student_leaves_with_its_hashes(notes, tmp_path):
    run = vertikit.train(
        "medical/diagnosis", notes, output=tmp_path / "run", progress=False, backbone="ngrams", strategy="full",
        epochs=1, blend=None, evaluation={"bootstrap": 0}, baselines=["majority"],
        cleaning={"rare_classes": "quarantine"},
    )  # fmt: skip
    made = export(run, "onnx", tmp_path / "e", data=str(notes))
    assert made.parity.apart < 1e-5
    assert not (tmp_path / "e/tokenizer.json").exists()


@pytest.mark.slow
def test_numbers_leave_with_their_intervals(graded, tiny_encoder, tmp_path):
    rows = pd.read_csv(graded)
    rows["grade"] = rows["grade"] + np.random.default_rng(0).uniform(-0.4, 0.4, len(rows)).round(3)
    rows.to_csv(tmp_path / "g.csv", index=False)
    run = vertikit.train(
        "education/grading", tmp_path / "g.csv", output=tmp_path / "run", progress=False, epochs=1,
        backbone=str(tiny_encoder), evaluation={"bootstrap": 0}, baselines=["mean"],
    )  # fmt: skip
    assert run.outcome.kind == "numbers"
    made = export(run, "onnx", tmp_path / "e", data=str(tmp_path / "g.csv"))
    assert made.parity.apart < 1e-5 and made.parity.otherwise == 0
    assert "grade.q95" in json.loads((tmp_path / "e/model.json").read_text())["outputs"]


@pytest.mark.slow
def test_torch_export_answers_alike(probe_run, notes, tmp_path):
    made = export(probe_run, "torch", tmp_path / "e", data=str(notes))
    assert made.parity.apart < 1e-5
    assert (tmp_path / "e/model.pt2").exists()


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured")
def test_a_run_in_eight_bits_leaves_in_eight_bits(probe_run, notes, tmp_path):
    command = ["compress", str(probe_run.folder), "--data", str(notes), "--method", "int8"]
    assert main([*command, "--output", str(tmp_path / "small")]) == 0
    small = vertikit.load(tmp_path / "small")
    made = export(small, "onnx", tmp_path / "e", data=str(notes))
    assert made.parity.apart < 1e-5
    import onnx

    kinds = {node.op_type for node in onnx.load(str(tmp_path / "e/model.onnx")).graph.node}
    assert kinds & {"MatMulInteger", "DynamicQuantizeMatMul", "DynamicQuantizeLinear"}
    with pytest.raises(UsageError, match="graph already"):
        export(small, "torch", tmp_path / "t", data=str(notes))
    assert not (tmp_path / "t").exists()


@pytest.fixture
def unmeasured(monkeypatch):
    monkeypatch.setattr("vertikit.training.compared.measured_apart", lambda *_: "not in this test")


def test_an_export_that_answers_otherwise_is_refused_and_leaves_nothing(
    probe_run, notes, tmp_path, monkeypatch
):
    real = type(probe_run.parts.blend.baseline).portable

    def bent(self, labels):
        found = real(self, labels)
        return vertikit.contracts.Portable(
            found.modules, found.settings, {**found.arrays, "idf": found.arrays["idf"] * 0.5 + 3},
            columns=found.columns,
        )  # fmt: skip

    monkeypatch.setattr(type(probe_run.parts.blend.baseline), "portable", bent)
    monkeypatch.setattr(probe_run.parts.blend.pool, "weights", (0.5, 3.0))
    with pytest.raises(VertikitError, match="answers otherwise than the run"):
        export(probe_run, "onnx", tmp_path / "e", data=str(notes))
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_leave_is_named_with_what_to_do(table_run, tmp_path, capsys):
    assert main(["export", str(table_run.folder), "--output", str(tmp_path / "e")]) == 2
    assert "--data DATA" in capsys.readouterr().err  # the sample has other columns than this run
    assert main(["export", str(table_run.folder), "--output", str(tmp_path / "e"), "--format", "onx"]) == 2
    assert "onnx" in capsys.readouterr().err
    (tmp_path / "there").mkdir()
    assert main(["export", str(table_run.folder), "--output", str(tmp_path / "there")]) == 2
    assert "exists already" in capsys.readouterr().err
    assert not (tmp_path / "e").exists()


def test_experts_that_overrule_answers_stay_and_so_does_the_run(payments, tmp_path):
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        "rules:\n- name: large\n  when: amount > 1\n  then: fraud\n  at_least: 0.9\n  reason: large\n",
        encoding="utf-8",
    )
    run = vertikit.train(
        "finance/fraud", payments, output=tmp_path / "run", progress=False, epochs=1, refit="never", blend=None,
        backbone={"name": "mlp", "width": 8}, baselines=["majority"], evaluation={"bootstrap": 0},
        experts=[{"name": "rules", "file": str(rules), "use": ["constraint"]}],
    )  # fmt: skip
    with pytest.raises(UsageError, match="overrules answers"):
        export(run, "onnx", tmp_path / "e", data=str(payments))
