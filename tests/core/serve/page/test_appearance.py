"""How the page looks where eyes, rooms and screens differ: contrast, dark and light, and a phone."""

from __future__ import annotations

from typing import Any

import pytest

LEAST = 4.5
"""Of text against what is behind it (WCAG 2.2, AA)."""
LOW_CONTRAST = """(least) => {
    const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
    const rgba = (colour) => {
        canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, under) => [0, 1, 2].map((at) => top[at] * top[3] + under[at] * (1 - top[3]));
    const behind = (node) => {
        const layers = [];
        for (let at = node; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
        const dark = matchMedia('(prefers-color-scheme: dark)').matches;
        return layers.reverse().reduce((under, top) => over(top, under), dark ? [18, 18, 18] : [255, 255, 255]);
    };
    const light = (rgb) => rgb.map((each) => each / 255)
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
        .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
    const found = [];
    let seen = 0;
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
        const node = text.parentElement;
        if (!text.data.trim() || !node.checkVisibility()) continue;
        if (node.closest('.unseen, .skip, noscript, datalist')) continue;
        const style = getComputedStyle(node);
        const ground = behind(node);
        const colour = over(rgba(node instanceof SVGElement ? style.fill : style.color), ground);
        const [one, other] = [light(colour), light(ground)].sort((a, b) => b - a);
        const ratio = (one + 0.05) / (other + 0.05);
        seen += 1;
        if (ratio < least) found.push(`${ratio.toFixed(2)}: ${text.data.trim().slice(0, 40)}`);
    }
    return [seen, found];
}"""


def check(page: Any) -> None:
    seen, found = page.evaluate(LOW_CONTRAST, LEAST)
    assert seen > 10
    assert found == []


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}, {"color_scheme": "light"}], indirect=True)
def test_every_text_stands_out_from_what_is_behind_it(opened: Any) -> None:
    page = opened.page
    page.goto(opened.address)
    page.wait_for_selector(".tasks")
    check(page)
    opened.task("medical-diagnosis-20261201-062931")
    page.get_by_role("button", name="Predict").click()  # an error at a field
    page.wait_for_selector(".invalid")
    check(page)
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Why this answer?").click()
    page.wait_for_selector(".passage")
    page.get_by_label("Text").fill("fever")  # the answer is now of another row
    check(page)
    page.get_by_label("Text").fill("fall over")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("alert").get_by_text("The server failed.").wait_for()
    check(page)
    page.get_by_role("tab", name="A whole table").click()
    page.get_by_role("textbox", name="Table").fill("text\tage\nasthma\t1")
    page.get_by_role("button", name="Predict 1 row").click()
    page.wait_for_selector(".answers")
    check(page)
    page.get_by_role("tab", name="Model card").click()
    page.wait_for_selector(".card table")
    check(page)


@pytest.mark.parametrize("opened", [{"color_scheme": "dark"}], indirect=True)
def test_dark_is_dark(opened: Any) -> None:
    page = opened.task("fraud")
    red, *_ = page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert red < 40


PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_a_phone_never_scrolls_sideways(opened: Any) -> None:
    page = opened.page

    def fits(where: str) -> None:
        width = page.evaluate("Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)")
        assert width <= 390, where

    page.goto(opened.address)
    page.wait_for_selector(".tasks")
    fits("list")
    for run in ("medical-diagnosis-20261201-062931", "fraud", "amount", "quality"):
        opened.task(run)
        page.wait_for_selector("form.row")
        fits(run)
        if run == "quality":
            continue
        page.get_by_role("button", name="Fill in the example").click()
        page.get_by_role("button", name="Predict").click()
        page.wait_for_selector(".decision")
        fits(f"{run}, answered")
    opened.task("medical-diagnosis-20261201-062931")
    page.get_by_role("tab", name="A whole table").click()
    wide = "text\t" + "\t".join(f"column {at}" for at in range(30))
    page.get_by_role("textbox", name="Table").fill(f"{wide}\n{'asthma' * 40}\t" + "\t".join("7" * 30))
    page.get_by_role("button", name="Predict 1 row").click()
    page.wait_for_selector(".answers")
    fits("table")
    page.get_by_role("tab", name="Model card").click()
    page.wait_for_selector(".card table")
    fits("card")


@pytest.mark.parametrize("opened", [PHONE], indirect=True)
def test_what_is_touched_is_large_enough(opened: Any) -> None:
    page = opened.task("fraud")
    page.wait_for_selector("form.row")
    heights = page.evaluate(
        "[...document.querySelectorAll('button, input, select, [role=tab], .top a')]"
        ".filter((each) => each.checkVisibility()).map((each) => each.getBoundingClientRect().height)"
    )
    assert len(heights) > 8
    assert min(heights) >= 24  # WCAG 2.2, target size
