"""`vertikit select`: candidates in order, on rows that train and validate and no others."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from tests.journeys.conftest import rows
from vertikit.cli import main
from vertikit.registry import registry
from vertikit.select.candidates import candidates, named

TASK = "medical/diagnosis"


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Notes of which a fifth are labelled at random, so that nothing is told apart flawlessly."""
    path = tmp_path_factory.mktemp("notes") / "notes.csv"
    random, names = np.random.default_rng(0), ["cold", "flu", "acne"]
    lines = rows(240).splitlines()
    for at in range(1, len(lines)):
        if random.random() < 0.2:
            lines[at] = f"{lines[at].rpartition(',')[0]},{names[random.integers(3)]}"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def typed(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capfd.readouterr()
    status = main(["select", TASK, *arguments])
    return status, *capfd.readouterr()


def test_candidates_are_tried_and_one_that_cannot_be_had_is_named_with_the_reason(
    notes: Path, tiny_encoder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole, cut = str(tiny_encoder), f"{{name: {tiny_encoder}, layers: 1}}"
    status, out, err = typed(
        capfd,
        "--data",
        str(notes),
        "--candidate",
        whole,
        "--candidate",
        cut,
        "--candidate",
        "no/such",
        "--json",
    )
    assert status == 0, err
    found = json.loads(out)
    models = {each["name"]: each for each in found["models"]}
    assert set(models) >= {whole, cut, "no/such", "majority", "tfidf-logistic"}
    assert "Hub" in models["no/such"]["left_because"] and models["no/such"]["score"] is None
    assert models[cut]["parameters"] < models[whole]["parameters"]
    for name in (whole, cut):
        assert models[name]["milliseconds_a_row"] > 0 and np.isfinite(models[name]["log_evidence"])
        assert models[name]["score"]["value"] > models["majority"]["score"]["value"] + 0.2
    assert found["best"] in (whole, cut) and found["best"] in found["reason"]
    assert "went no further" not in out
    assert found["rows"] + found["valid"] < 200  # a fifth of 240 rows stays out: the test part


def test_test_rows_have_no_say(notes: Path, tiny_encoder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told = ["--data", str(notes), "--candidate", str(tiny_encoder), "--json"]
    scores = []
    for label in ("flu", "acne"):
        judged = notes.with_name(f"{label}.csv")
        judged.write_text(
            "\n".join(["text,disease", *(f"cough fever since {at + 900} days,{label}" for at in range(20))])
            + "\n",
            encoding="utf-8",
        )
        status, out, err = typed(capfd, *told, "--test", str(judged))
        assert status == 0, err
        scores.append(json.loads(out)["models"][0]["score"])
    assert scores[0] == scores[1]


def test_the_same_seed_gives_the_same_figures(
    notes: Path, tiny_encoder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = ["--data", str(notes), "--candidate", str(tiny_encoder), "--rows", "60", "--json"]
    first, second = (json.loads(typed(capfd, *told)[1]) for _ in range(2))
    for each in (*first["models"], *second["models"]):
        each.pop("seconds"), each.pop("milliseconds_a_row")
    assert first == second and first["rows"] == 60


def test_the_table_says_why_and_what_to_type_next(
    notes: Path, tiny_encoder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, err = typed(capfd, "--data", str(notes), "--candidate", str(tiny_encoder))
    assert status == 0, err
    assert "is first: macro_f1" in out and f"--set backbone={tiny_encoder}" in out
    assert "LogME" in out and "classical" in out and "epoch 1" not in err


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("no/such", "nonsense"), "no foundation model can be had"),
        (("[1, 2]",), "names no backbone"),
        (("tabm",), "no foundation model can be had"),
    ],
)
def test_what_names_no_candidate_is_refused(
    notes: Path, asked: tuple[str, ...], says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    status, out, err = typed(
        capfd, "--data", str(notes), *(part for each in asked for part in ("--candidate", each))
    )
    assert status == 2 and says in err and "Traceback" not in err and not out


def test_a_candidate_named_twice_is_refused(
    notes: Path, tiny_encoder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    twice = ["--candidate", str(tiny_encoder)] * 2
    status, _, err = typed(capfd, "--data", str(notes), *twice)
    assert status == 2 and "named twice" in err


def test_unasked_those_at_hand_are_tried_and_no_large_network_without_weights() -> None:
    from vertikit.recipe import resolve_recipe

    known = registry()
    for name, own, never in (
        ("medical/imaging", "picture-cnn", "resnet50"),
        ("finance/fraud", "tabm", "minilm"),
    ):
        task = known.task(name)
        found = candidates(task, resolve_recipe(task, known, layers=[]), known, ())
        names = [each.choice["name"] for each in found]
        assert names[0] == own and never not in names and len(names) > 1
    assert named("{name: minilm, layers: 2}") == {"name": "minilm", "layers": 2}
