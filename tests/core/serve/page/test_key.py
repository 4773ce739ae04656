"""A server that wants a key: the page asks for it, keeps it for the tab, and forgets it when told to."""

from __future__ import annotations

from typing import Any

from tests.core.serve.page.conftest import Opened


def test_a_key_is_asked_for_refused_taken_and_forgotten(chromium: Any, fake_with_key: str) -> None:
    context = chromium.new_context()
    opened = Opened(context.new_page(), fake_with_key)
    page = opened.page
    page.goto(opened.address)
    dialog = page.get_by_role("dialog", name="This server wants a key")
    dialog.get_by_label("API key").fill("wrong")
    page.keyboard.press("Enter")
    dialog.get_by_text("It did not take the key.").wait_for()
    dialog.get_by_label("API key").fill("swordfish")
    dialog.get_by_role("button", name="Go on").click()
    page.wait_for_selector(".tasks")
    assert "swordfish" not in "".join(opened.asked)
    page.reload()
    page.wait_for_selector(".tasks")  # kept while the tab is open
    page.get_by_role("button", name="Forget the key").click()
    page.reload()
    dialog.wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("alert").get_by_text("A key is needed.").wait_for()
    assert opened.errors() == []
    context.close()
