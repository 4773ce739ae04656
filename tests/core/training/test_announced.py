"""What plugins are told of the life of a run: its beginning with the recipe, and its end, good or bad."""

from pathlib import Path
from typing import Any

import pytest

import vertikit
from vertikit.registry import Registry

ROWS = [{"text": f"cough {number}", "disease": "cold"} for number in range(20)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """(hook, its arguments), in order."""
    heard: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(Registry, "announce", lambda _, hook, **given: heard.append((hook, given)))
    return heard


def test_a_training_that_fails_is_told_with_its_error_and_what_began_it(
    told: list[tuple[str, dict[str, Any]]], tmp_path: Path
) -> None:
    with pytest.raises(vertikit.VertikitError) as raised:
        vertikit.train("medical/diagnosis", ROWS, output=tmp_path / "run", progress=False, epochs=7)
    assert [hook for hook, _ in told] == ["run_started", "run_failed"]
    run = told[0][1]["run"]
    assert told[1][1] == {"run": run, "error": raised.value}
    assert (run.task.name, run.recipe.epochs) == ("medical/diagnosis", 7)
    assert run.folder == tmp_path / "run.partial"


def test_one_that_is_interrupted_is_told_as_that(
    told: list[tuple[str, dict[str, Any]]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vertikit.prepare.preparing.prepare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        vertikit.train("medical/diagnosis", ROWS, output=tmp_path / "run", progress=False)
    assert isinstance(told[-1][1]["error"], KeyboardInterrupt)


def test_the_recipe_is_in_the_folder_when_a_run_is_said_to_have_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[bool] = []

    def look(_: Registry, hook: str, **given: Any) -> None:
        if hook == "run_started":
            found.append((given["run"].folder / "recipe.yaml").is_file())

    monkeypatch.setattr(Registry, "announce", look)
    with pytest.raises(vertikit.VertikitError):
        vertikit.train("medical/diagnosis", ROWS, output=tmp_path / "run", progress=False)
    assert found == [True]
