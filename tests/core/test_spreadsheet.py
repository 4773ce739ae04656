"""Nothing that a file held is run by the spreadsheet that opens what the kit wrote of it."""

from __future__ import annotations

import csv

import pandas as pd
import pytest

from tests.core.prepare.conftest import TASK
from vertikit.contracts import BadRow
from vertikit.deploy.predicting import write_table
from vertikit.prepare.quarantine import write_quarantine
from vertikit.spreadsheet import shown_as_text

FORMULAS = ["=1+1", "+SUM(A1)", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1"]
PLAIN = ["flu", "a = b", " =1", "'=1", "", "-5", "+1.5", "-1e3"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_a_formula_gets_an_apostrophe_before_it(cell: str) -> None:
    assert shown_as_text(cell) == "'" + cell


@pytest.mark.parametrize("cell", [*PLAIN, None, 7, -2.5])
def test_other_cells_stay_as_they_are(cell: object) -> None:
    assert shown_as_text(cell) == cell


def test_predictions_and_quarantine_as_csv_hold_no_formula(tmp_path):
    table = pd.DataFrame(
        {"row": [1, 2], "id": FORMULAS[:2], "disease": ["=x", None], "disease.p.=x": [-0.5, 0.25]}
    )
    write_table(table, tmp_path / "answers.csv")
    answers = pd.read_csv(tmp_path / "answers.csv")
    assert answers.id.tolist() == ["'=1+1", "'+SUM(A1)"] and answers.disease[0] == "'=x"
    assert answers["disease.p.=x"].tolist() == [-0.5, 0.25]
    assert table.id.tolist() == FORMULAS[:2]
    write_table(table, tmp_path / "answers.jsonl")
    assert pd.read_json(tmp_path / "answers.jsonl", lines=True).id.tolist() == FORMULAS[:2]

    bad = BadRow(3, "disease '=x' was not in training", "=1+1,flu", "=a.csv")
    write_quarantine(tmp_path / "quarantine.csv", TASK, [bad], show_values=True)
    with (tmp_path / "quarantine.csv").open(newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["source"], line["raw"], line["row"]) == ("'=a.csv", "'=1+1,flu", "3")
