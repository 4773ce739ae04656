"""A pasted table on the page: understood, answered row by row, and taken away as a file."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

TEXT, SERIES = "medical-diagnosis-20261201-062931", "fault"


def paste(page: Any, text: str) -> Any:
    page.get_by_role("textbox", name="Table").fill(text)
    return page


def answers(page: Any) -> list[list[str]]:
    page.wait_for_selector(".answers")
    found: list[list[str]] = page.evaluate(
        "[...document.querySelectorAll('.answers tbody tr')].map((row) => [...row.cells].map((cell) => cell.innerText))"
    )
    return found


def test_pasted_cells_of_a_spreadsheet_are_answered_row_by_row(opened: Any) -> None:
    page = paste(opened.task(TEXT, "rows"), 'Text\tage\nasthma\t3\n"angina,\nsince ""monday"""\t4\n')
    assert page.locator(".understood figcaption").inner_text() == "2 rows. Not used: age."
    page.get_by_role("button", name="Predict 2 rows").click()
    assert [row[:4] for row in answers(page)] == [
        ["1", "Asthma", "asthma", "80 %"],
        ["2", "Angina", "angina", "80 %"],
    ]
    assert page.get_by_role("status").filter(has_text="2 answers.").count() == 1


def test_the_file_of_answers_has_all_columns_and_no_cell_that_a_spreadsheet_would_run(
    opened: Any, tmp_path: Path
) -> None:
    page = paste(opened.task(TEXT, "rows"), 'text,note\nasthma,=1+1\nangina,"@x, ""y"""\nmigraine,-5\n')
    page.get_by_role("button", name="Predict 3 rows").click()
    page.wait_for_selector(".answers")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as CSV").click()
    download.value.save_as(tmp_path / "answers.csv")
    with (tmp_path / "answers.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["note"] for row in rows] == ["'=1+1", '\'@x, "y"', "-5"]
    assert [(row["text"], row["disease"]) for row in rows] == [
        (each, each) for each in ("asthma", "angina", "migraine")
    ]
    assert float(rows[0]["disease.p.asthma"]) == 0.8
    assert set(rows[0]) >= {"decision", "reason", "error"}


def test_rows_are_sent_in_several_requests_and_keep_their_numbers(opened: Any) -> None:
    page = paste(opened.task(TEXT, "rows"), "text\n" + "\n".join(f"asthma {at}" for at in range(150)))
    page.get_by_role("button", name="Predict 150 rows").click()
    assert [row[0] for row in answers(page)] == [str(at + 1) for at in range(150)]
    assert sum(url.endswith("/predict") for url in opened.asked) == 2


def test_a_table_without_a_needed_column_says_so_and_is_not_sent(opened: Any) -> None:
    page = paste(opened.task(TEXT, "rows"), "age,sex\n3,f\n")
    area = page.get_by_role("textbox", name="Table")
    page.get_by_role("button", name="Predict", exact=True).click()
    assert area.evaluate("each => each === document.activeElement")
    tied = (area.get_attribute("aria-describedby") or "").split()[-1]
    assert page.locator(f"#{tied}").inner_text().strip() == (
        "The first line has to name the columns, such as text."
    )
    assert not any(url.endswith("/predict") for url in opened.asked)


def test_a_file_is_opened_instead_of_pasted(opened: Any, tmp_path: Path) -> None:
    file = tmp_path / "notes.csv"
    file.write_bytes("\ufefftext;age\r\nsinusitis;3\r\n".encode())
    page = opened.task(TEXT, "rows")
    page.get_by_label("Open a file").set_input_files(file)
    page.get_by_role("button", name="Predict 1 row").click()
    assert answers(page)[0][:2] == ["1", "Sinusitis"]


def test_readings_over_time_are_taken_as_a_table_alone_and_sent_at_once(opened: Any) -> None:
    page = opened.task(SERIES)
    assert page.get_by_role("tab").all_inner_texts() == ["A whole table", "Model card"]
    paste(page, "vibration,temperature\n" + "\n".join(f"{at / 10},{at}" for at in range(130)))
    page.get_by_role("button", name="Predict 130 rows").click()
    answers(page)
    assert sum(url.endswith("/predict") for url in opened.asked) == 1


def test_what_fails_midway_keeps_the_answers_before_it(opened: Any) -> None:
    rows = [f"asthma {at}" for at in range(100)] + ["fall over"]
    page = paste(opened.task(TEXT, "rows"), "text\n" + "\n".join(rows))
    page.get_by_role("button", name="Predict 101 rows").click()
    page.get_by_role("alert").get_by_text("The 100 rows before are answered below.").wait_for()
    assert len(answers(page)) == 100


def test_rows_that_depend_on_those_beside_them_are_sent_at_once(opened: Any) -> None:
    opened.page.route("**/v1/tasks", _depending)
    page = paste(opened.task(TEXT, "rows"), "text\n" + "\n".join(f"asthma {at}" for at in range(130)))
    page.get_by_role("button", name="Predict 130 rows").click()
    assert len(answers(page)) == 130
    assert sum(url.endswith("/predict") for url in opened.asked) == 1


def _depending(route: Any) -> None:
    """The tasks of the fake, as of runs that remember."""
    response = route.fetch()
    tasks = [{**task, "depends": True} for task in response.json()["tasks"]]
    route.fulfill(response=response, json={"tasks": tasks})
