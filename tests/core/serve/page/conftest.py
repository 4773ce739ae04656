"""A real Chromium, the fake server in a process of its own, and a page that notes what it asks for and complains of."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))),
    None,
)
TOP = Path(__file__).parents[4]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """A browser; skipped where there is none. It is closed with this package: while it is open, an event loop runs in
    this thread, and tests elsewhere start their own."""
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as tools:
        browser = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def fake() -> Iterator[str]:
    """Address of the fake server."""
    with started() as address:
        yield address


@pytest.fixture(scope="package")
def fake_with_key() -> Iterator[str]:
    """Address of one that wants a key: `swordfish`."""
    with started("swordfish") as address:
        yield address


class started:  # noqa: N801 -- read as a function
    """The fake server as a context: its address while it runs."""

    def __init__(self, *arguments: str) -> None:
        self.arguments = arguments

    def __enter__(self) -> str:
        path = os.pathsep.join([str(TOP), str(TOP / "core")])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.core.serve.page.fake", *self.arguments],
            cwd=TOP, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        assert self.process.stdout is not None
        return f"http://127.0.0.1:{self.process.stdout.readline().strip()}"

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


class Opened:
    """A page of the browser, with the addresses it asked for and what its console said."""

    def __init__(self, page: Any, address: str) -> None:
        self.page, self.address = page, address
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(message.text))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.set_default_timeout(8000)

    def task(self, run: str, tab: str = "") -> Any:
        """Go to a run's view."""
        self.page.goto(f"{self.address}/#/{run}" + (f"/{tab}" if tab else ""))
        self.page.wait_for_selector("[role=tablist]")
        return self.page

    def errors(self) -> list[str]:
        """What the console said, but that a request got a bad status, as some tests want it to."""
        return [each for each in self.said if "Failed to load resource" not in each]


@pytest.fixture
def opened(chromium: Any, fake: str, request: pytest.FixtureRequest) -> Iterator[Opened]:
    """A fresh page on the fake server; `@pytest.mark.parametrize("opened", [{...}], indirect=True)` sets its options.

    Whatever a test does, the page leaves its origin alone and no script fails.
    """
    options = getattr(request, "param", {})
    context = chromium.new_context(**options)
    found = Opened(context.new_page(), fake)
    yield found
    elsewhere = [url for url in found.asked if not url.startswith((fake, "data:", "blob:"))]
    errors = found.errors()
    context.close()
    assert elsewhere == []
    assert errors == []
