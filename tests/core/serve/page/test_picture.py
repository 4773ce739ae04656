"""A picture on the page: chosen, shown before it is sent, answered, and explained by a heat map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a part."""
    from PIL import Image

    path = tmp_path_factory.mktemp("parts") / "scratch.png"
    Image.new("RGB", (40, 40), (90, 90, 96)).save(path)
    return path


def test_a_picture_is_shown_sent_as_a_file_and_answered(opened: Any, part: Path) -> None:
    page = opened.task("quality")
    page.get_by_role("button", name="Predict").click()
    assert "Image is needed." in page.locator(".field").inner_text()
    page.get_by_label("Image").set_input_files(part)
    shown = page.get_by_alt_text("The picture to be read")
    shown.wait_for()
    assert shown.evaluate("each => each.decode().then(() => each.naturalWidth)") == 40
    assert "Image is needed." not in page.locator(".field").inner_text()
    page.get_by_role("button", name="Predict").click()
    page.get_by_label("Answer").get_by_text("Likeliest: scratch").wait_for()  # the fake reads the file's name
    assert page.locator(".decision").inner_text() == "Inspect"


def test_a_heat_map_lies_over_the_picture_and_can_be_taken_off(opened: Any, part: Path) -> None:
    page = opened.task("quality")
    page.get_by_label("Image").set_input_files(part)
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Why this answer?").click()
    strength = page.get_by_label("Strength of the heat map")
    strength.wait_for()
    over = page.locator(".stack .over")
    assert over.evaluate("each => getComputedStyle(each).opacity") == "0.6"
    strength.fill("0")
    assert over.evaluate("each => getComputedStyle(each).opacity") == "0"


def test_a_picture_is_dropped_on_its_place(opened: Any) -> None:
    page = opened.task("quality")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(['not for a browser'], 'film.dcm', { type: 'application/dicom' }));
            document.querySelector('.drop').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
        }"""
    )
    assert "film.dcm, 17 B" in page.locator(".drop").inner_text()
    page.get_by_role("button", name="Remove the picture").click()
    assert "Drop a picture here" in page.locator(".drop").inner_text()
