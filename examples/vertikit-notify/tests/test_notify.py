"""A command of the user's hears how a training ended, and cannot harm it."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from vertikit_notify import notify_test, send

import vertikit
from vertikit.registry import registry

RECIPE = {"backbone": "ngrams", "strategy": "full", "epochs": 1, "blend": None, "baselines": ["majority"]}


@pytest.fixture
def heard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that the command writes what it gets to."""
    path = tmp_path / "heard.json"
    code = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"
    monkeypatch.setenv("VERTIKIT_NOTIFY", f'{sys.executable} -c "{code}" {path}')
    monkeypatch.setenv("VERTIKIT_LOAD", "building-blocks,medical,notify")
    registry.cache_clear()
    return path


def messages(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def notes(count: int = 120) -> list[dict[str, str]]:
    words = {"cold": "cough runny nose", "sprain": "ankle swollen knee", "rash": "itch skin red"}
    kinds = list(words)
    return [
        {"text": f"{words[kinds[n % 3]]} since {n} days", "disease": kinds[(n + n // 10) % 3]}
        for n in range(count)
    ]


def test_the_end_of_a_training_is_told_with_its_verdict(heard: Path, tmp_path: Path) -> None:
    run = vertikit.train("medical/diagnosis", notes(), output=tmp_path / "run", progress=False, **RECIPE)
    assert messages(heard) == [
        {"ended": "finished", "task": "medical/diagnosis", "folder": str(run.folder), "verdict": run.verdict}
    ]


def test_a_failure_is_told_with_its_error(heard: Path, tmp_path: Path) -> None:
    with pytest.raises(vertikit.VertikitError) as raised:
        vertikit.train(
            "medical/diagnosis", [{"text": "x", "disease": "y"}], output=tmp_path / "run", progress=False
        )
    (told,) = messages(heard)
    assert (told["ended"], told["error"]) == ("failed", str(raised.value))


def test_a_command_that_fails_leaves_the_training_whole(
    heard: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VERTIKIT_NOTIFY", f"{sys.executable} -c 'raise SystemExit(3)'")
    run = vertikit.train("medical/diagnosis", notes(), output=tmp_path / "run", progress=False, **RECIPE)
    assert (run.folder / "report.html").exists() and not heard.exists()
    assert (
        "plugin 'notify' failed in run_finished: the command in VERTIKIT_NOTIFY failed"
        in capsys.readouterr().err
    )


def test_without_a_command_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VERTIKIT_NOTIFY", raising=False)
    assert send(ended="test") is False
    assert isinstance(CliRunner().invoke(notify_test).exception, vertikit.VertikitError)


def test_one_can_be_sent_by_hand(heard: Path) -> None:
    assert CliRunner().invoke(notify_test).output == "sent\n"
    assert messages(heard) == [{"ended": "test"}]
