"""What is said while a run works: bars on a terminal, lines elsewhere."""

from __future__ import annotations

import io
import re

import pytest

from vertikit.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_there_are_lines_with_rate_and_remaining_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vertikit.progress.QUIET_SECONDS", 0)
    stream = io.StringIO()
    with Progress(stream).bar("reading", 30, "rows") as advance:
        for _ in range(3):
            advance(10)
    first, second, last = stream.getvalue().splitlines()
    assert re.fullmatch(r"reading: 10 of 30 rows, [\d,]+ a second, [\d.]+ s left", first)
    assert second.startswith("reading: 20 of 30 rows")
    assert re.fullmatch(r"reading: 30 rows in [\d.]+ s \([\d,]+ a second\)", last)


def test_on_a_terminal_lines_stand_above_the_bar_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    stream = Terminal()
    progress = Progress(stream)
    sentence = "epoch 1 of 2, [bold]train[/bold] loss 0.5, " + "and so on " * 10
    with progress.bar("training", 10, "rows") as advance:
        advance(5)
        progress.line(sentence)
        advance(5)
    progress.line("the end")
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue())
    assert sentence.strip() in shown, "a line is neither wrapped nor read as markup"
    assert "training" in shown and "10/10" in shown and shown.endswith("the end\n")


def test_nobody_is_told_anything_where_nothing_is_to_be_said() -> None:
    with Progress(None).bar("reading", 3, "rows") as advance:
        advance(3)
    stream = io.StringIO()
    with Progress(stream).bar("reading", 0, "rows") as advance:
        advance(1)
    assert stream.getvalue() == ""
