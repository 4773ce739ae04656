"""A desk to type at: an empty folder, the command line in this process, and one small run for the session."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from vertikit.cli import main

TASK = "medical/diagnosis"

SECRET = "zebrafish"
"""Stands in every text of `rows`: no message may show it."""

COMPLAINTS = {
    "cold": ("cough runny nose", "cough cold nose"),
    "flu": ("fever tired ache", "fever ache weak"),
    "acne": ("rash skin red", "itch skin rash"),
}


def rows(count: int = 120, header: str = "text,disease", start: int = 0) -> str:
    """A CSV of notes that can be told apart, no two alike."""
    lines = [header]
    names = list(COMPLAINTS)
    for at in range(start, start + count):
        name = names[at % 3]
        lines.append(f"{COMPLAINTS[name][at % 2]} since {at} days {SECRET},{name}")
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Typed:
    """What a command line came to."""

    status: int
    out: str
    err: str


@dataclass(frozen=True)
class Desk:
    """An empty folder in which commands are typed."""

    folder: Path
    quick: tuple[str, ...]
    _captured: Callable[[], tuple[str, str]]

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def type(self, *arguments: str | Path) -> Typed:
        self._captured()
        status = main([str(each) for each in arguments])
        return Typed(status, *self._captured())

    def train(self, *arguments: str | Path, output: str = "out") -> Typed:
        """With the tiny encoder, one epoch, few resamples and one baseline."""
        return self.type("train", TASK, "--output", output, *self.quick, *arguments)

    def everything(self) -> dict[str, int]:
        """Every path under the folder, with its size."""
        return {str(path.relative_to(self.folder)): path.lstat().st_size for path in self.folder.rglob("*")}


def said_in_a_few_lines(typed: Typed, status: int, says: Sequence[str]) -> None:
    """One error of a line, what to do beneath it, no traceback, no private text, nothing on standard output."""
    shown = typed.out + typed.err
    assert typed.status == status, shown
    lines = typed.err.splitlines()
    errors = [at for at, line in enumerate(lines) if line.startswith("error: ")]
    assert len(errors) == 1, shown
    message = lines[errors[0] :]
    assert 2 <= len(message) <= 8, shown
    assert all(line.startswith("  ") and line.strip() for line in message[1:]), shown
    assert "Traceback" not in shown and "unexpected" not in shown, shown
    assert "defect" not in shown, shown
    assert SECRET not in shown, shown
    assert typed.out == ""
    for part in says:
        assert part in "\n".join(message), shown


def refuses(desk: Desk, typed: tuple[str | Path, ...], status: int, *says: str) -> None:
    """The command fails in a few lines and leaves the folder as it was."""
    before = desk.everything()
    said_in_a_few_lines(desk.type(*typed), status, says)
    assert desk.everything() == before


def refuses_to_train(desk: Desk, data: str, status: int, *says: str, further: tuple[str, ...] = ()) -> None:
    refuses(desk, ("train", TASK, "--output", "out", *desk.quick, "--data", data, *further), status, *says)


@pytest.fixture
def desk(
    tmp_path: Path,
    tiny_encoder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("VERTIKIT_TRACEBACK", raising=False)

    def captured() -> tuple[str, str]:
        out, err = capfd.readouterr()
        return out, err

    return Desk(folder, tuple(quick_settings(tiny_encoder)), captured)


def quick_settings(encoder: Path) -> list[str]:
    settings = (f"backbone={encoder}", "epochs=1", "evaluation.bootstrap=20", "baselines=[majority]")
    return [part for setting in settings for part in ("--set", setting)]


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: Path) -> Path:
    """The folder of a run that was typed: a probe on `rows()`. Tests that change it change a copy."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "notes.csv").write_text(rows())
    typed = ["train", TASK, "--data", str(folder / "notes.csv"), "--output", str(folder / "run")]
    assert main([*typed, *quick_settings(tiny_encoder)]) == 0
    return folder / "run"
