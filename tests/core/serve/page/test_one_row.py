"""One row on the page: asked, answered, explained, and told what is wrong with it."""

from __future__ import annotations

from typing import Any

from tests.core.serve.page.tasks import HOSTILE, NOTE

TEXT, TABLE, NUMBER = "medical-diagnosis-20261201-062931", "fraud", "amount"


def test_a_text_is_answered_with_decision_reason_and_probabilities(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("influenza since monday")
    page.get_by_role("button", name="Predict").click()
    answer = page.get_by_label("Answer")
    answer.get_by_text("Influenza", exact=True).wait_for()
    assert "Confidence 0.80 is at least the threshold 0.57." in answer.inner_text()
    assert answer.locator(".bars > li").first.inner_text().split("\n") == ["influenza", "80 %"]
    assert "The decision is a clinician's." in answer.inner_text()


def test_a_task_is_found_asked_and_explained_by_keyboard_alone(opened: Any) -> None:
    page = opened.page
    page.goto(opened.address)
    page.wait_for_selector(".tasks")
    press(page, lambda: focused(page).startswith("Diagnosis"))
    page.keyboard.press("Enter")
    page.wait_for_selector("form.row")
    assert focused(page) == "Diagnosis"  # the heading of the new view is where reading goes on
    press(page, lambda: page.evaluate("document.activeElement.tagName") == "TEXTAREA")
    page.keyboard.type("asthma, wheezing")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector(".decision")
    assert "asthma" in page.get_by_label("Answer").get_by_role("status").text_content()
    press(page, lambda: focused(page) == "Why this answer?")
    page.keyboard.press("Enter")
    page.wait_for_selector(".passage")
    press(page, lambda: focused(page) == "One at a time", "Shift+Tab")
    page.keyboard.press("ArrowRight")
    assert page.get_by_role("tab", name="A whole table").get_attribute("aria-selected") == "true"


def test_what_has_the_focus_is_seen(opened: Any) -> None:
    page = opened.task(TABLE)
    page.get_by_label("Amount").wait_for()
    for _ in range(14):
        page.keyboard.press("Tab")
        outline = page.evaluate(
            "(() => { const on = document.activeElement; const style = getComputedStyle(on);"
            "return [on.tagName, style.outlineStyle, parseFloat(style.outlineWidth)]; })()"
        )
        assert outline[1] == "solid" and outline[2] >= 2, outline


def test_a_row_that_lacks_something_is_told_at_the_field_and_not_sent(opened: Any) -> None:
    page = opened.task(TABLE)
    page.get_by_role("button", name="Predict").click()
    wrong_at(page, "Amount", "Amount is needed.")
    page.get_by_label("Amount").fill("-5")
    assert page.get_by_label("Amount").get_attribute("aria-invalid") is None
    page.get_by_role("button", name="Predict").click()
    wrong_at(page, "Amount", "This lies below 0.")
    assert not any(url.endswith("/predict") for url in opened.asked)


def test_an_error_of_the_server_stands_at_its_field_which_has_the_focus(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("be refused")
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector("[aria-invalid=true]")
    wrong_at(page, "Text", "Text is longer than 9 characters. Cut it.")


def test_a_failed_request_can_be_tried_again_and_names_its_id(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("fall over")
    page.get_by_role("button", name="Predict").click()
    alert = page.get_by_role("alert")
    alert.get_by_text("The server failed.").wait_for()
    assert "req-7" in alert.inner_text()
    page.get_by_label("Text").fill("migraine")
    alert.get_by_role("button", name="Try again").click()
    page.get_by_label("Answer").get_by_text("Migraine", exact=True).wait_for()
    assert alert.count() == 0


def test_a_busy_server_is_asked_again_after_the_time_it_names(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("be busy, angina")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Server busy, again in 1 s").wait_for()
    page.get_by_label("Answer").get_by_text("Angina", exact=True).wait_for()


def test_a_server_that_is_gone_is_said_to_be_gone(opened: Any) -> None:
    page = opened.task(TEXT)
    page.route("**/predict", lambda route: route.abort())
    page.get_by_label("Text").fill("cough")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("alert").get_by_text("The server cannot be reached.").wait_for()


def test_words_are_marked_by_weight_where_a_text_has_signs_of_two_units(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Why this answer?").click()
    page.wait_for_selector(".passage")
    assert page.locator(".passage > p").inner_text() == NOTE
    assert page.locator(".passage mark.for").all_inner_texts() == ["fever"]
    assert page.locator(".passage mark.against").all_inner_texts() == [
        "no"
    ]  # it stands after a sign of two units
    assert page.locator(".strongest").inner_text().split("\n") == [
        "Most for it",
        "fever",
        "Most against it",
        "no",
    ]


def test_cells_are_explained_by_bars(opened: Any) -> None:
    page = opened.task(TABLE)
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Why this answer?").click()
    page.wait_for_selector(".weights")
    assert [each.split("\n")[0] for each in page.locator(".weights li").all_inner_texts()] == [
        "Time 2025-03-01T12:30", "Amount 129.95", "Channel online", "Merchant city Lyon",
    ]  # fmt: skip


def test_a_number_is_drawn_with_its_interval(opened: Any) -> None:
    page = opened.task(NUMBER)
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("img", name="41.5, with 90 % between 33.2 and 52.9").wait_for()
    assert page.locator(".decision").inner_text() == "41.5"


def test_an_answer_says_that_the_row_was_changed_since(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("cough")
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector(".decision")
    assert not page.get_by_text("You have changed the row since.").is_visible()
    page.get_by_label("Text").fill("cough and more")
    assert page.get_by_text("You have changed the row since.").is_visible()


def test_hostile_labels_texts_and_cards_are_shown_and_do_nothing(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill(f"{HOSTILE} fever <script>window.hit=4</script>")
    page.get_by_role("button", name="Predict").click()
    page.get_by_role("button", name="Why this answer?").click()
    page.wait_for_selector(".passage")
    assert HOSTILE in page.locator(".passage > p").inner_text()
    assert page.locator(".decision").inner_text() == HOSTILE
    page.get_by_role("tab", name="Model card").click()
    page.wait_for_selector(".card table")
    assert HOSTILE in page.locator(".card blockquote").inner_text()
    assert [link.get_attribute("href") for link in page.locator(".card a").all()] == ["https://example.org/a"]
    assert page.locator("main img").count() == 0
    assert page.evaluate("window.hit") is None


def test_nothing_that_was_typed_is_kept(opened: Any) -> None:
    page = opened.task(TEXT)
    page.get_by_label("Text").fill("a private note")
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector(".decision")
    page.reload()
    page.wait_for_selector("form.row")
    assert page.get_by_label("Text").input_value() == ""
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0
    assert (
        page.get_by_label("Text").get_attribute("spellcheck") == "false"
    )  # browsers may send a text to check it


def test_the_page_may_lie_under_a_folder_of_a_proxy(opened: Any) -> None:
    page = opened.page
    page.route("**/models/**", lambda route: route.continue_(url=route.request.url.replace("/models/", "/")))
    page.goto(f"{opened.address}/models/#/{NUMBER}")
    page.get_by_role("button", name="Fill in the example").click()
    page.get_by_role("button", name="Predict").click()
    page.wait_for_selector(".decision")
    assert all(url.startswith(f"{opened.address}/models/") for url in opened.asked)


def press(page: Any, until: Any, key: str = "Tab") -> None:
    """Press a key until something is so, as a reader without a mouse does."""
    for _ in range(40):
        if until():
            return
        page.keyboard.press(key)
    raise AssertionError("it is not reached by keyboard")


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.innerText || document.activeElement.value || ''"))


def wrong_at(page: Any, label: str, what: str) -> None:
    """The field says what is wrong, is tied to that, and has the focus."""
    field = page.get_by_label(label, exact=True)
    assert field.evaluate("each => each === document.activeElement")
    assert field.get_attribute("aria-invalid") == "true"
    tied = (field.get_attribute("aria-describedby") or "").split()
    assert what in [page.locator(f"#{each}").inner_text().strip() for each in tied]
