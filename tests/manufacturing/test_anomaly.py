"""manufacturing/anomaly from pictures to answers, on small drawn ones."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import vertikit
from vertikit import UsageError
from vertikit.cli import main

QUICK: dict[str, Any] = {
    "backbone": {"name": "picture-cnn", "size": 32, "width": 8, "stages": 2, "tokens_from": [1, 2]},
    "head": {"name": "memory-bank", "most": 200},
    "evaluation": {"bootstrap": 50},
}
Draw = Callable[..., Path]


@pytest.fixture(scope="session")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Draw:
    """Grainy plates, sound ones and some with a dark spot or a bright line; masks of these; and the table."""

    def draw(sound: int, spots: int, lines: int, seed: int = 0) -> Path:
        folder = tmp_path_factory.mktemp("plates")
        random = np.random.default_rng(seed)
        rows = []
        for at, state in enumerate(["good"] * sound + ["spot"] * spots + ["line"] * lines):
            pixels = random.normal(120, 14, (40, 40)) + 20 * np.sin(np.arange(40) * random.uniform(0.3, 0.5))
            mask = np.zeros((40, 40), bool)
            y, x = random.integers(4, 30, 2)
            if state == "spot":
                mask[y : y + 7, x : x + 7] = True
                pixels[mask] -= 70
            if state == "line":
                mask[y : y + 2] = True
                pixels[mask] += 80
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{at}.png")
            row = {"image": f"{at}.png", "id": f"plate {at}", "state": state, "mask": ""}
            if mask.any():
                row["mask"] = f"{at}-mask.png"
                Image.fromarray(mask.astype(np.uint8) * 255).save(folder / row["mask"])
            rows.append(row)
        with (folder / "plates.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return folder / "plates.csv"

    return draw


@pytest.fixture(scope="session")
def plates(draw: Draw) -> Path:
    return draw(160, 20, 16)


@pytest.fixture(scope="session")
def run(plates: Path, tmp_path_factory: pytest.TempPathFactory) -> vertikit.Run:
    output = tmp_path_factory.mktemp("runs") / "plates"
    return vertikit.train("manufacturing/anomaly", plates, output=output, progress=False, **QUICK)


def test_odd_parts_are_told_beside_the_baseline(run: vertikit.Run) -> None:
    test = run.metrics["test"]
    assert test["auroc"]["value"] > 0.8
    assert 0 < run.metrics["baselines"]["pixel-gaussian"]["auroc"]["value"] <= 1
    assert 0 <= run.metrics["baselines"]["pixel-gaussian"]["recall_at_5_percent_overkill"]["value"] <= 1
    assert {"recall_of_spot", "recall_of_line", "escape", "overkill", "recall_at_5_percent_overkill"} <= set(
        test
    )
    assert run.metrics["calibration"]["method"] == "conformal" and run.metrics["calibration"]["threshold"] > 0
    assert run.metrics["outcome"]["kind"] == "oddness"


def test_predictions_have_the_score_the_kind_and_a_decision(run: vertikit.Run) -> None:
    import pandas as pd

    table = pd.read_parquet(run.folder / "predictions.parquet")
    assert {"state", "state.p.sound", "state.p.odd", "state.score", "state.kind", "decision"} <= set(table)
    assert set(table["truth"]) == {"sound", "odd"} and set(table["state.kind"]) == {"sound", "spot", "line"}
    order = table.sort_values("state.score")
    assert order["state.p.odd"].is_monotonic_increasing
    beyond = table["state.score"] > run.metrics["calibration"]["threshold"] + 1e-9
    assert ((table["state"] == "odd") == beyond).all()
    assert set(table["decision"]) <= {"accept", "inspect", "reject"}


def test_a_run_answers_as_it_did_when_it_was_made_whatever_stands_beside_a_row(
    run: vertikit.Run, plates: Path
) -> None:
    import pandas as pd

    made = pd.read_parquet(run.folder / "predictions.parquet").set_index("row")
    table = vertikit.load(run.folder).predict(plates)
    again = table.set_index("row").loc[made.index]
    assert np.allclose(again["state.score"], made["state.score"], atol=1e-5)
    assert (again["decision"] == made["decision"]).all()
    rows = [{"image": "7.png"}, {"image": "170.png"}]
    alone = [float(run.predict([row], root=plates.parent)["state.score"].iloc[0]) for row in rows]
    assert np.allclose(alone, table["state.score"].iloc[[7, 170]], atol=1e-5)


def test_places_are_judged_by_masks_and_shown_beside_them(run: vertikit.Run) -> None:
    assert run.metrics["test"]["aupro"]["value"] > 0.5
    low, high = run.metrics["test"]["aupro"]["ci95"]
    assert low < run.metrics["test"]["aupro"]["value"] < high
    assert run.metrics["baselines"]["pixel-gaussian"]["aupro"]["why"].startswith(
        "no masks, or nothing that tells"
    )
    shown = json.loads((run.folder / "pictures" / "pictures.json").read_text(encoding="utf-8"))
    assert {each["part"].split(":")[0] for each in shown} >= {"Caught", "Passed"}
    report = (run.folder / "report.html").read_text(encoding="utf-8")
    assert "Caught: odd, and taken for odd" in report and report.count("data:image/png") == len(shown)


def test_predict_writes_a_heat_map_for_every_part_that_it_could_read(
    run: vertikit.Run, plates: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import pandas as pd

    rows = plates.with_name("new.csv")
    rows.write_text("image\n0.png\nlost.png\n170.png\n", encoding="utf-8")
    assert main(["predict", str(run.folder), str(rows), "--output", str(tmp_path / "answers")]) == 0
    table = pd.read_csv(tmp_path / "answers" / "predictions.csv")
    assert table["error"].notna().tolist() == [False, True, False]
    assert {each.name for each in (tmp_path / "answers" / "heatmaps").iterdir()} == {"1.png", "3.png"}
    assert {each.name for each in (tmp_path / "answers").iterdir()} == {"predictions.csv", "heatmaps"}
    assert main(["predict", str(run.folder), str(rows), "--output", str(tmp_path / "answers")]) == 2
    assert "exists already" in capsys.readouterr().err


def test_a_mask_of_another_size_or_that_is_no_picture_leaves_its_row_out(
    plates: Path, tmp_path: Path
) -> None:
    import pandas as pd

    folder = tmp_path / "plates"
    shutil.copytree(plates.parent, folder)
    table = pd.read_csv(folder / "plates.csv")
    one, other = table[table["mask"].notna()]["mask"].tolist()[:2]
    Image.fromarray(np.zeros((20, 20), np.uint8)).save(folder / one)
    (folder / other).write_text("not a picture")
    run = vertikit.train(
        "manufacturing/anomaly", folder / "plates.csv", output=tmp_path / "run", progress=False, **QUICK
    )
    reasons = pd.read_csv(run.folder / "quarantine.csv")["reason"].tolist()
    assert any("its mask is of another size than its image" in each for each in reasons)
    assert sum(each.startswith("its mask") for each in reasons) == 2
    assert run.predict(folder / "plates.csv")["error"].notna().sum() == 0, "a mask is no part of the question"


def test_the_bank_has_not_seen_the_rows_that_set_the_threshold(run: vertikit.Run) -> None:
    counted = run.metrics["rows"]
    assert counted["valid"] == run.metrics["calibration"]["rows"] >= 30
    assert run.metrics["split"]["refit"] is False


def test_few_sound_pictures_calibrate_out_of_fold(draw: Draw, tmp_path: Path) -> None:
    run = vertikit.train(
        "manufacturing/anomaly", draw(50, 8, 8, 3), output=tmp_path / "few", progress=False, **QUICK
    )
    assert run.metrics["split"]["refit"] is True
    assert run.metrics["calibration"]["rows"] == run.metrics["rows"]["train"] + run.metrics["rows"]["valid"]
    assert run.metrics["test"]["auroc"]["value"] > 0.8


def test_without_an_odd_picture_there_is_nothing_to_judge_by(draw: Draw, tmp_path: Path) -> None:
    run = vertikit.train(
        "manufacturing/anomaly", draw(120, 0, 0, 4), output=tmp_path / "sound", progress=False, **QUICK
    )
    assert run.metrics["verdict_kind"] == "unjudged"
    assert "nothing in the test is odd, so there is nothing to judge by" in run.verdict
    assert run.metrics["test"]["auroc"]["value"] is None
    assert run.metrics["test"]["overkill"]["value"] < 0.4


def test_a_head_of_classes_does_not_fit_and_the_others_are_named(plates: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not tell how odd") as caught:
        vertikit.train(
            "manufacturing/anomaly", plates, output=tmp_path / "no", progress=False, **QUICK | {"head": "softmax"}
        )  # fmt: skip
    assert "memory-bank" in str(caught.value.do)


def test_scores_are_not_blended_and_that_is_said_at_once(plates: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be blended"):
        vertikit.train(
            "manufacturing/anomaly", plates, output=tmp_path / "no", progress=False, **QUICK, blend="majority"
        )
    assert not list(tmp_path.iterdir())


def test_an_encoder_that_would_be_trained_is_refused(plates: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="would train the encoder by its answers"):
        vertikit.train(
            "manufacturing/anomaly", plates, output=tmp_path / "no", progress=False, **QUICK | {"strategy": "full"}
        )  # fmt: skip


def test_few_examples_of_each_class_are_no_question_here(plates: Path, tmp_path: Path) -> None:
    few = QUICK | {"evaluation": {"bootstrap": 0, "few_shot": [5]}}
    with pytest.raises(UsageError, match="few_shot: the target is not of classes"):
        vertikit.train("manufacturing/anomaly", plates, output=tmp_path / "no", progress=False, **few)


def test_an_encoder_without_places_is_refused(plates: Path, tmp_path: Path) -> None:
    bare = QUICK | {"backbone": {"name": "picture-cnn", "size": 32, "tokens_from": None}}
    with pytest.raises(UsageError, match="gives no features of places"):
        vertikit.train("manufacturing/anomaly", plates, output=tmp_path / "no", progress=False, **bare)
