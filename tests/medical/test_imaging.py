"""medical/imaging and medical/imaging-findings from pictures to answers, on a small drawn sample."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import vertikit
from vertikit import UsageError, VertikitError
from vertikit.cli import main
from vertikit_medical.samples.imaging import write, write_findings

QUICK = {
    "backbone": {"name": "picture-cnn", "size": 32, "width": 8, "stages": 2},
    "epochs": 2,
    "evaluation": {"bootstrap": 50},
    "pictures": {"shown": 4},
}


@pytest.fixture(scope="session")
def films(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "films.csv"
    write(path, rows=200, seed=3)
    return path


@pytest.fixture(scope="session")
def run(films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs")
    return vertikit.train(
        "medical/imaging", films, output=folder / "run", progress=False, show_values=True, **QUICK
    )


def test_the_run_judges_studies_of_patients_beside_a_shortcut_check(run):
    metrics = run.metrics
    assert metrics["primary"] == "auroc"
    assert metrics["folded"]["by"] == "study" and metrics["folded"]["judged"] < metrics["folded"]["examples"]
    assert set(metrics["baselines"]) == {"majority", "pixels-logistic"}
    assert metrics["shortcut"]["baseline"] == "picture-frame"
    assert {"value"} <= set(metrics["shortcut"]["difference"])
    assert "sensitivity_at_90_specificity" in metrics["test"] and "auroc.opacity" in metrics["test"]
    assert set(metrics["slices"]) == {"view", "site", "sex", "age"}
    assert metrics["policy"]["name"] == "triage"
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "picture-frame (shortcut check)" in report and "is no rival" in report
    assert "best at 1" in report and "best at 0" in report


def test_a_number_that_has_no_better_side_decides_nothing(films, tmp_path):
    with pytest.raises(UsageError, match="neither more nor less is better"):
        vertikit.train(
            "medical/imaging",
            films,
            output=tmp_path / "run",
            progress=False,
            primary="calibration_slope",
            **QUICK,
        )


def test_damaged_files_are_quarantined_and_copies_stay_together(run, films):
    lines = list(csv.DictReader((run.folder / "quarantine.csv").open(encoding="utf-8")))
    assert all("its picture" in line["reason"] for line in lines)
    assert "film-" not in (run.folder / "quarantine.csv").read_text(encoding="utf-8")
    assert any("look like another" in note for note in run.metrics["notes"])
    assert films.exists()


def test_predictions_have_a_decision_a_reason_and_a_line_a_film(run, films):
    found = run.predict(films)
    assert len(found) == sum(1 for _ in csv.DictReader(films.open(encoding="utf-8")))
    assert set(found["decision"].dropna()) <= {"rule out", "refer", "urgent"}
    again = run.predict(films)
    assert found.equals(again)
    one = run.predict(films).iloc[:1]
    np.testing.assert_allclose(one["finding.p.normal"], found["finding.p.normal"].iloc[:1], atol=1e-5)


def test_a_picture_has_the_same_answer_alone_and_among_others(run, films, tmp_path):
    table = list(csv.DictReader(films.open(encoding="utf-8")))
    with (tmp_path / "one.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerow(table[5])
    alone = run.predict(tmp_path / "one.csv", root=films.parent)
    among = run.predict(films)
    assert float(alone["finding.p.normal"].iloc[0]) == pytest.approx(
        float(among["finding.p.normal"].iloc[5]), abs=1e-5
    )


def test_pictures_are_shown_where_asked_for_and_nowhere_else(run, films, tmp_path):
    assert len(list((run.folder / "pictures").glob("*.png"))) == 4
    assert "data:image/png;base64" in (run.folder / "report.html").read_text(encoding="utf-8")
    hidden = tmp_path / "evaluation"
    run.evaluate(films, output=hidden, allow_leaks=True)
    assert not (hidden / "pictures").exists()
    assert "Pictures are private here" in (hidden / "report.html").read_text(encoding="utf-8")


def test_an_evaluation_has_the_shortcut_check_as_well(run, films):
    assert run.evaluate(films, allow_leaks=True)["shortcut"]["baseline"] == "picture-frame"


def test_several_findings_with_holes_are_learnt_and_judged_one_by_one(tmp_path):
    path = tmp_path / "films.csv"
    write_findings(path, rows=200, seed=4)
    run = vertikit.train("medical/imaging-findings", path, output=tmp_path / "run", progress=False, **QUICK)
    assert set(run.labels) <= {"opacity", "effusion", "nodule", "large heart"}
    assert "auroc.opacity" in run.metrics["test"] and run.metrics["test"]["positives.opacity"]["value"] > 0
    found = run.predict(path)
    assert {"findings", "findings.p.opacity", "decision", "reason"} <= set(found)
    assert vertikit.load(run.folder).predict(path).equals(found)


def test_a_column_a_finding_is_read_with_its_name(tmp_path):
    pictures = tmp_path / "p"
    pictures.mkdir()
    random = np.random.default_rng(0)
    rows = []
    for at in range(60):
        Image.fromarray(random.integers(0, 255, (32, 32)).astype(np.uint8)).save(pictures / f"{at}.png")
        rows.append({"image": f"p/{at}.png", "Edema": at % 2, "Mass": ["1", "0", "-1", ""][at % 4]})
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    run = vertikit.train(
        "medical/imaging-findings", tmp_path / "t.csv", map={"findings": "Edema+Mass"},
        output=tmp_path / "run", progress=False, **QUICK,
    )  # fmt: skip
    assert run.labels == ("Edema", "Mass")


def table(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_one_class_alone_is_refused_in_one_line(films, tmp_path):
    rows = [each for each in csv.DictReader(films.open(encoding="utf-8")) if each["finding"] == "normal"]
    with pytest.raises(VertikitError, match=r"one class|only one|single class|has one"):
        vertikit.train(
            "medical/imaging", table(tmp_path / "one.csv", rows), root=films.parent, progress=False, **QUICK
        )


def test_a_patient_on_both_sides_leaves_the_training_part(films, tmp_path, capsys):
    rows = list(csv.DictReader(films.open(encoding="utf-8")))
    test = [each for at, each in enumerate(rows) if at % 3 == 0]
    train = [each for at, each in enumerate(rows) if at % 3]
    code = main(
        ["check", "medical/imaging", "--data", str(table(tmp_path / "a.csv", train)),
         "--test", str(table(tmp_path / "b.csv", test)), "--root", str(films.parent)]
    )  # fmt: skip
    told = capsys.readouterr()
    assert code == 0
    assert "groups that a part judging them has too: taken out" in told.out + told.err


PLANTED = ("PLANTEDNAME", "19431207", "MRN77123")


def test_nothing_of_a_dicom_header_is_anywhere_in_a_run_its_log_or_its_cache(tmp_path, capsys, monkeypatch):
    pydicom = pytest.importorskip("pydicom")
    from pydicom.dataset import Dataset, FileMetaDataset

    monkeypatch.setenv("VERTIKIT_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "scans"
    folder.mkdir()
    random = np.random.default_rng(0)
    rows = []
    for at in range(60):
        about = Dataset()
        about.PatientName, about.PatientBirthDate, about.PatientID = (
            f"{PLANTED[0]}^A",
            PLANTED[1],
            PLANTED[2],
        )
        about.SOPClassUID, about.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", f"1.2.{at}"
        pixels = random.integers(0, 900, (40, 40)).astype(np.uint16)
        pixels[:20] += 400 * (at % 2)
        about.Rows = about.Columns = 40
        about.SamplesPerPixel, about.PhotometricInterpretation = 1, "MONOCHROME2"
        about.BitsAllocated = about.BitsStored = 16
        about.HighBit, about.PixelRepresentation = 15, 0
        about.PixelData = pixels.tobytes()
        about.file_meta = FileMetaDataset()
        about.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRLittleEndian
        name = f"{PLANTED[0]}-{at}.dcm"
        pydicom.dcmwrite(folder / name, about, enforce_file_format=True)
        if at == 7:
            whole = (folder / name).read_bytes()
            (folder / name).write_bytes(whole[: len(whole) - 900])
        rows.append({"image": f"scans/{name}", "finding": ["normal", "mass"][at % 2]})
    path = table(tmp_path / "t.csv", rows)
    out = tmp_path / "run"
    quick = [f"{key}={json.dumps(value)}" for key, value in QUICK.items()]
    sets = [each for one in quick for each in ("--set", one)]
    assert main(["train", "medical/imaging", "--data", str(path), "--output", str(out), *sets]) == 0
    assert main(["predict", str(out), str(path), "--output", str(tmp_path / "answers.csv")]) == 0
    assert (
        main(
            ["evaluate", str(out), "--data", str(path), "--output", str(tmp_path / "again"), "--allow-leaks"]
        )
        == 0
    )
    told = capsys.readouterr()
    places = [
        *out.rglob("*"),
        *(tmp_path / "again").rglob("*"),
        *(tmp_path / "cache").rglob("*"),
        tmp_path / "answers.csv",
    ]
    for file in (each for each in places if each.is_file()):
        content = file.read_bytes()
        assert not any(word.encode() in content for word in PLANTED), file
        assert not any(word in file.name for word in PLANTED)
    assert not any(word in told.out + told.err for word in PLANTED)
    assert "fewer pixels than its header says" in (out / "quarantine.csv").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_set_confounded_by_view_is_warned_of(tmp_path):
    import os

    place = Path(os.environ.get("VERTIKIT_BENCH_DATA", "")) / "medical" / "covid_chestxray"
    if not os.environ.get("VERTIKIT_BENCH_DATA") or not place.is_dir():
        pytest.skip("needs VERTIKIT_BENCH_DATA")
    import pandas as pd

    data = pd.read_csv(place / "metadata.csv.gz")
    data["seen"] = np.where(data["finding"].str.contains("COVID-19"), "COVID-19", "other")
    data.to_csv(tmp_path / "t.csv", index=False)
    run = vertikit.train(
        "medical/imaging", tmp_path / "t.csv", root=place / "images.zip", output=tmp_path / "run", progress=False,
        map={"patient": "patientid", "finding": "seen"}, drop=["finding"], **{**QUICK, "epochs": 8},
    )  # fmt: skip
    assert any(warning.startswith("Shortcut: picture-frame") for warning in run.metrics["warnings"])
    shutil.rmtree(tmp_path / "run")
