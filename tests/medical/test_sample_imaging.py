"""The drawn films: as awkward as real ones, the same for the same seed, and not too easy."""

from __future__ import annotations

import csv
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from vertikit_medical.samples.imaging import write, write_findings


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    path = tmp_path_factory.mktemp("films") / "films.csv"
    write(path, rows=300, seed=0)
    return path, list(csv.DictReader(path.open(encoding="utf-8")))


def test_classes_are_uneven_patients_return_and_some_values_are_missing(rows):
    _, table = rows
    counts = Counter(each["finding"] for each in table)
    assert counts["normal"] > counts["opacity"] > counts["effusion"] > 5
    assert max(Counter(each["patient"] for each in table).values()) > 2
    assert any(not each["sex"] for each in table) and any(not each["view"] for each in table)


def test_a_site_says_something_of_the_finding_as_a_shortcut_would(rows):
    _, table = rows
    share = {
        site: np.mean([each["finding"] != "normal" for each in table if each["site"] == site])
        for site in ("north", "east")
    }
    assert share["east"] > share["north"] + 0.1


def test_films_lie_beside_the_table_and_some_are_damaged_or_saved_twice(rows):
    path, table = rows
    bad = 0
    for each in table:
        try:
            Image.open(path.parent / each["image"]).load()
        except OSError:
            bad += 1
    assert 0 <= bad < 0.05 * len(table)
    assert any("copy" in each["image"] for each in table)


def test_the_same_seed_draws_the_same_films(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "films.csv", rows=20, seed=5)
    one, other = (sorted((tmp_path / name / "films").glob("*")) for name in ("a", "b"))
    assert [each.read_bytes() for each in one] == [each.read_bytes() for each in other]


def test_of_several_findings_some_are_not_known(tmp_path):
    write_findings(tmp_path / "films.csv", rows=60, seed=1)
    cells = [each["findings"] for each in csv.DictReader((tmp_path / "films.csv").open(encoding="utf-8"))]
    assert any("=1" in cell for cell in cells)
    assert any(cell.count("=") < 4 for cell in cells)
