"""The page on the real server, with a run that learnt a moment ago."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import vertikit
from tests.core.serve.page.conftest import TOP, Opened

ROOMS = ("core", "plugins", "medical", "finance", "education", "manufacturing")


@pytest.fixture(scope="module")
def served(probe_run: vertikit.Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of `vertikit serve` with that run."""
    told = tmp_path_factory.mktemp("served") / "log"
    code = "import sys; from vertikit.cli import main; sys.exit(main())"
    with told.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", code, "serve", str(probe_run.folder), "--port", "0"],
            stdout=log, stderr=subprocess.STDOUT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(str(TOP / room) for room in ROOMS)},
        )  # fmt: skip
        try:
            yield _address(process, told)
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], told: Path) -> str:
    import time

    for _ in range(600):
        found = re.search(r"http://127\.0\.0\.1:\d+", told.read_text())
        if found:
            return found[0]
        assert process.poll() is None, told.read_text()
        time.sleep(0.1)
    raise AssertionError(told.read_text())


def test_the_page_works_on_a_real_run(chromium: Any, served: str, probe_run: vertikit.Run) -> None:
    context = chromium.new_context()
    opened = Opened(context.new_page(), served)
    page = opened.page
    page.set_default_timeout(20_000)
    page.goto(served)
    page.get_by_role("heading", name="Diagnosis").wait_for()
    assert page.locator(".good .verdict").inner_text() == probe_run.verdict
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector(".decision")
    answer = probe_run.predict([page.get_by_label("Text").input_value()]).iloc[0]
    likeliest = page.locator(".bars .likeliest").inner_text().split("\n")
    assert likeliest[0] == answer["disease"]
    assert abs(float(likeliest[1].split()[0]) / 100 - answer[f"disease.p.{answer['disease']}"]) < 0.01
    page.get_by_role("button", name="Why this answer?").click()
    page.wait_for_selector(".passage")
    assert page.locator(".passage > p").inner_text() == page.get_by_label("Text").input_value()
    assert page.locator(".passage mark").count() > 0

    page.get_by_label("Text").fill("na")
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector("[aria-invalid=true]")  # what the server says of a field stands at it
    assert "Text is missing" in page.locator(".field").inner_text()

    page.get_by_role("tab", name="A whole table").click()
    page.get_by_role("textbox", name="Table").fill('text\n"cough and fever"\nna\nchest pain')
    page.get_by_role("button", name="Predict 3 rows").click()
    page.wait_for_selector(".answers")
    assert "2 answers, and 1 row without one" in page.locator(".answers h2").inner_text()
    assert page.locator(".answers tbody tr").count() == 3

    page.get_by_role("tab", name="Model card").click()
    page.get_by_role("heading", name="Intended use").wait_for()
    assert all(url.startswith((served, "blob:", "data:")) for url in opened.asked)
    assert opened.errors() == []
    context.close()
