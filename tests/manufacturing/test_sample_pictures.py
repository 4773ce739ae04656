"""The synthetic pictures of plates: as awkward as they are said to be, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, UnidentifiedImageError

from vertikit.cli import main
from vertikit_manufacturing.samples import anomaly, quality


@pytest.fixture(scope="module")
def plates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    path = tmp_path_factory.mktemp("sample") / "plates.csv"
    anomaly.write(path, rows=300, seed=0)
    return path, pd.read_csv(path)


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        quality.write(tmp_path / name / "parts.csv", rows=40, seed=seed)
    one, same, other = (
        {file.name: file.read_bytes() for file in (tmp_path / name).rglob("*.*")} for name in "abc"
    )
    assert one == same != other and len(one) == 41


def test_plates_are_shot_several_times_and_most_are_sound(plates: tuple[Path, pd.DataFrame]) -> None:
    _, table = plates
    assert 0.7 < (table["state"] == "good").mean() < 0.88
    assert set(table["state"]) == {"good", *anomaly.SHARES}
    assert table["part"].isna().any() and (table["part"].value_counts() == 3).any()
    assert table["id"].is_unique


def test_masks_lie_over_their_pictures_where_something_is_odd(plates: tuple[Path, pd.DataFrame]) -> None:
    path, table = plates
    masked = table[table["mask"].notna()]
    assert (masked["state"] != "good").all() and 0.7 < len(masked) / (table["state"] != "good").sum() < 1
    shares = []
    for row in masked.itertuples():
        mask = np.asarray(Image.open(path.parent / row.mask)) > 0
        assert mask.shape == (112, 112) and mask.any()
        shares.append(mask.mean())
    assert np.median(shares) < 0.05 < max(shares), "most are small, some are not"


def test_one_file_is_damaged(plates: tuple[Path, pd.DataFrame]) -> None:
    path, table = plates
    broken = 0
    for name in table["image"]:
        try:
            Image.open(path.parent / name).load()
        except (OSError, UnidentifiedImageError):
            broken += 1
    assert broken == 1


def test_brightness_alone_does_not_tell(plates: tuple[Path, pd.DataFrame]) -> None:
    from sklearn.metrics import roc_auc_score

    path, table = plates
    means, odd = [], []
    for row in table.itertuples():
        try:
            means.append(np.asarray(Image.open(path.parent / row.image)).mean())
        except OSError:
            continue
        odd.append(row.state != "good")
    assert 0.35 < roc_auc_score(odd, means) < 0.65


def test_the_verb_writes_table_and_pictures_or_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["sample", "manufacturing/quality", "--output", "in/parts.csv", "--rows", "30"]) == 0
    assert {each.name for each in (tmp_path / "in").iterdir()} == {"parts.csv", "parts"}
    assert (tmp_path / "in" / pd.read_csv("in/parts.csv")["image"][0]).is_file()
    (tmp_path / "in" / "other").mkdir()
    assert main(["sample", "manufacturing/quality", "--output", "in/other.csv", "--rows", "30"]) == 2
    assert "in/other exists already" in capsys.readouterr().err
    assert {each.name for each in (tmp_path / "in").iterdir()} == {"parts.csv", "parts", "other"}
