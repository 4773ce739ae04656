"""The files of the page: what is given, with which headers, and that they need nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from vertikit.serve.static import page_files, page_response


def test_the_page_allows_no_inline_script_and_nothing_from_elsewhere() -> None:
    status, headers, body = page_response("index.html", None)
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert status == 200
    assert policy["default-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert "script-src" not in policy and "style-src" not in policy  # so the default holds
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert not re.search(rb"<script(?![^>]* src=)|<style|\son\w+=|style=", body)


def test_no_file_names_an_address_elsewhere() -> None:
    known = {"http://www.w3.org/2000/svg"}
    for name, file in page_files().items():
        found = set(
            re.findall(r"(?:https?:)?//[a-z0-9][a-z0-9.-]+\.[a-z]{2,}[^\s\"'`]*", file.content.decode())
        )
        assert found <= known, name


def test_no_script_makes_elements_of_text() -> None:
    for name, file in page_files().items():
        text = file.content.decode()
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text
        ), name


def test_every_file_that_the_page_names_is_there() -> None:
    files = page_files()
    named = re.findall(r'(?:src|href)="page/([^"]+)"', files["index.html"].content.decode())
    # scripts too: each is asked for at once, and not when the one that needs it has come
    assert set(named) == files.keys() - {"index.html"}
    for name, file in files.items():
        if name.endswith(".js"):
            needed = re.findall(r'from "\./([^"]+)"', file.content.decode())
            assert set(needed) <= set(named), name


@pytest.mark.parametrize(
    "name", ["../static.py", "..%2fstatic.py", "", ".", "/etc/passwd", "app.js/", "APP.JS", "a\0"]
)
def test_nothing_else_is_given(name: str) -> None:
    status, headers, body = page_response(name, None)
    assert status == 404 and b"import" not in body
    assert "Content-Security-Policy" in headers


def test_a_file_that_is_known_is_not_sent_again() -> None:
    _, headers, _ = page_response("app.js", None)
    assert headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert headers["Cache-Control"] == "no-cache"
    assert page_response("app.js", f'"other", W/{headers["ETag"]}')[::2] == (304, b"")
    assert page_response("app.js", '"other"')[0] == 200
