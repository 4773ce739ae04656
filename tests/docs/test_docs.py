"""README and docs say what is so: commands, recipe keys, hooks, examples and links."""

from __future__ import annotations

import importlib
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import EntryPoint, entry_points
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import click
import numpy as np
import pandas as pd
import pytest

from tests.core.conftest import notes, probe_run, quick
from tests.core.registry.faking import FakePlugins, plugins, record
from vertikit import Run
from vertikit.cli.verbs import vertikit as command_line
from vertikit.errors import VertikitError
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.recipe import commented_recipe, resolve_recipe
from vertikit.recipe.dialect import read
from vertikit.recipe.layers import parse_set
from vertikit.registry import FAMILIES, Registry, registry
from vertikit.registry.reference import dedent_doc, hooks, reference

__all__ = ["notes", "plugins", "probe_run", "quick"]

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
PAGES += sorted([*ROOT.glob("*/README.md"), *ROOT.glob("examples/*/README.md")])
TASK = "medical/diagnosis"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)


def commands(page: Path) -> Iterator[str]:
    """Command lines that begin with `vertikit` and name a verb: indented, or in backquotes."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    found = re.findall(r"^ {4}(vertikit .+)$", text, re.M)
    inline = re.sub(r"^ {4}.*$", "", text, flags=re.M)
    found += re.findall(r"`(vertikit [^`]+)`", inline)
    yield from (" ".join(each.split()) for each in found)


COMMANDS = [
    pytest.param(line, id=f"{page.relative_to(ROOT)}: {line[:60]}")
    for page in PAGES
    if "examples" not in page.parts  # they speak of verbs of their own
    for line in commands(page)
]


def words_of(line: str) -> list[str]:
    words = shlex.split(line, comments=True)[1:]
    return words[: words.index(">")] if ">" in words else words


def settings_of(line: str) -> list[str]:
    """What follows each `--set`."""
    return [after for word, after in pairwise(words_of(line)) if word == "--set"]


def verb_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words name, subcommands followed, and the words after it."""
    context = click.Context(command_line)
    found: click.Command = command_line
    while isinstance(found, click.Group) and words and not words[0].startswith("-"):
        inner = found.get_command(context, words[0])
        if inner is None:
            break
        found, words = inner, words[1:]
    return found, words


def test_the_pages_show_every_verb_of_daily_work() -> None:
    shown = {words[0] for line in COMMANDS if (words := words_of(str(line.values[0])))}
    assert shown >= {
        "tasks",
        "show",
        "demo",
        "sample",
        "check",
        "train",
        "evaluate",
        "predict",
        "runs",
        "report",
    }


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_that_is_shown_has_a_verb_and_options_that_exist(line: str) -> None:
    found, rest = verb_of(words_of(line))
    assert found is not command_line or rest[0].startswith("-"), f"no such verb: {line}"
    known = {name for option in found.params for name in option.opts} | {"--help"}
    used = [word.partition("=")[0] for word in rest if word.startswith("-")]
    assert set(used) <= known, f"{line}: {set(used) - known}"


@pytest.mark.parametrize("line", [each for each in COMMANDS if "--set " in str(each.values[0])])
def test_the_settings_of_a_command_that_is_shown_are_a_recipe(line: str) -> None:
    settings = settings_of(line)
    if any("NAME" in each or "owner/name" in each for each in settings):
        return
    theirs = [
        each for each in settings if each not in ("primary=kappa", "policy=sure-or-ask", "policy.sure=0.8")
    ]
    resolve_recipe(registry().task(TASK), registry(), layers=[parse_set(theirs)])


def test_the_page_on_recipes_shows_the_default_recipe_word_for_word() -> None:
    shown = blocks(ROOT / "docs/recipes.md", "yaml")[0]
    made = commented_recipe(registry().task(TASK), registry())
    assert shown == made, f"paste what `vertikit show {TASK} --recipe` prints into docs/recipes.md"


def test_the_textbook_example_is_one_line_that_is_a_recipe_and_the_same_on_both_pages() -> None:
    line = blocks(ROOT / "docs/recipes.md", "yaml")[1].strip()
    assert "\n" not in line
    assert f"    {line}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    recipe = resolve_recipe(registry().task(TASK), registry(), layers=[read(line)])
    assert (recipe.strategy.name, recipe.optimiser.name, recipe.epochs) == ("probe", "adam", 10)
    assert (recipe.loss.name, recipe.head.name, recipe.primary) == ("cross-entropy", "softmax", "accuracy")


def test_the_page_on_hooks_is_what_the_command_prints() -> None:
    assert (ROOT / "docs/hooks.md").read_text(encoding="utf-8") == reference(), (
        "write it anew: vertikit plugins hooks > docs/hooks.md"
    )


def test_every_hook_has_a_sentence_and_an_example_that_implements_it(plugins: FakePlugins) -> None:
    for name, hook in hooks():
        said, _, example = dedent_doc(hook).partition("\n\n")
        assert said.endswith("."), name
        plugins.add(name.replace("_", "-"), example)
    known = plugins.load()
    # Examples speak of trackers and modules that are nowhere, and name them only when they are called.
    assert [each.reason for each in known.plugins if each.state != "ok"] == []
    families = {each.family for plugin in known.plugins for each in plugin.registers}
    assert families == set(FAMILIES)


def test_every_variable_that_the_code_reads_is_on_the_page_on_plugins() -> None:
    page = (ROOT / "docs/plugins.md").read_text(encoding="utf-8")
    folders = (ROOT / "core", ROOT / "plugins", ROOT / "medical")
    code = "".join(file.read_text(encoding="utf-8") for each in folders for file in each.rglob("*.py"))
    for name in set(re.findall(r"VERTIKIT_[A-Z_]+[A-Z]", code)):
        assert f"`{name}=" in page


def install(plugins: FakePlugins, code: str, points: dict[str, str]) -> tuple[Registry, ModuleType]:
    """A page's plugin as a package would lie in site-packages, loaded."""
    ((name, module),) = points.items()
    (plugins.folder / f"{module}.py").write_text(code, encoding="utf-8")
    info = plugins.folder / "legal_kit-0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: legal-kit\nVersion: 0.1\n")
    (info / "entry_points.txt").write_text(f"[vertikit]\n{name} = {module}\n")
    return plugins.load(), importlib.import_module(module)


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """The module that another test imported: the pages call theirs alike."""
    monkeypatch.delitem(sys.modules, "legal_kit", raising=False)


@pytest.mark.usefixtures("forgotten")
def test_the_plugin_on_the_page_on_plugins_works_as_written(
    plugins: FakePlugins, capsys: pytest.CaptureFixture[str]
) -> None:
    page = ROOT / "docs/plugins.md"
    project = tomllib.loads(blocks(page, "toml")[0])["project"]
    known, module = install(plugins, blocks(page, "python")[0], project["entry-points"]["vertikit"])
    assert record(known, "legal").state == "ok"

    kappa = resolve_metrics(["kappa"], known)["kappa"]
    frame = pd.DataFrame({"truth": ["a", "a", "b", "b"], "prediction": ["a", "a", "b", "a"], "weight": 1.0})
    assert kappa.compute(frame, None) == pytest.approx(0.5)  # type: ignore[arg-type]

    policy = known.get("policies", "sure-or-ask").resolve()(sure=0.8)
    decided = policy.decide(pd.DataFrame({"p.a": [0.9, 0.6], "p.b": [0.1, 0.4]}), ("a", "b"))
    assert decided["decision"].tolist() == ["a", "ask"]
    assert decided["reason"].tolist() == ["at least 0.8", "below 0.8"]

    known.announce("epoch_ended", run=None, epoch=2, logs={"train_loss": 0.5})
    assert capsys.readouterr().err == "epoch 2: training loss 0.50\n"
    assert module.__doc__


@pytest.mark.usefixtures("forgotten")
def test_the_settings_shown_for_that_plugin_are_a_recipe_with_it(
    plugins: FakePlugins,
) -> None:
    page = ROOT / "docs/plugins.md"
    line = next(each for each in commands(page) if "sure-or-ask" in each and "--set" in each)
    settings = settings_of(line)
    install(plugins, blocks(page, "python")[0], {"legal": "legal_kit"})
    known = Registry([*registry_points(), *plugins.points()], {})
    recipe = resolve_recipe(known.task(TASK), known, layers=[parse_set(settings)])
    assert (recipe.primary, recipe.policy.options) == ("kappa", {"sure": 0.8})
    with pytest.raises(VertikitError, match="no such option"):
        resolve_recipe(known.task(TASK), known, layers=[parse_set([*settings, "policy.sur=1"])])


def registry_points() -> list[EntryPoint]:
    """Our own plugins."""
    return [
        each
        for each in entry_points(group="vertikit")
        if each.dist is not None and each.dist.name == "vertikit"
    ]


@pytest.mark.usefixtures("forgotten")
def test_the_plugin_in_the_readme_works_as_written(plugins: FakePlugins) -> None:
    page = ROOT / "README.md"
    code = next(each for each in blocks(page, "python") if "hookimpl" in each)
    points = tomllib.loads(blocks(page, "toml")[0])["project"]["entry-points"]["vertikit"]
    known, module = install(plugins, code, points)
    assert record(known, "legal").state == "ok"
    assert known.names("metrics") == ["exact"]
    assert module.exact(np.array(["a", "b"], object), np.array(["a", "a"], object)) == 0.5


LINKS = [
    pytest.param(page, target, id=f"{page.relative_to(ROOT)} -> {target}")
    for page in PAGES
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    if "://" not in target
]


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_inside_the_repository_leads_somewhere(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    there = (page.parent / path).resolve() if path else page
    assert there.is_relative_to(ROOT)
    assert there.is_file()
    if anchor:
        titles = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.M)
        assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_documented_targets_of_make_are_in_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for page in PAGES:
        for line in re.findall(
            r"(?:^ {4}|`)make ([a-z ]+?)(?: {2,}#.*)?(?:$|`)", page.read_text("utf-8"), re.M
        ):
            for target in line.split():
                assert re.search(rf"^{target}:", makefile, re.M), f"{page.name}: make {target}"


def test_every_file_and_every_number_of_a_run_is_on_the_page_on_the_run_folder(probe_run: Run) -> None:
    page = (ROOT / "docs/run-folder.md").read_text(encoding="utf-8")
    for path in probe_run.folder.rglob("*"):
        if path.is_file() and path.parent.name != "baselines":
            assert f"`{path.name}`" in page
    for key in probe_run.metrics:
        assert f"`{key}`" in page
    for column in map(str, pd.read_parquet(probe_run.folder / "predictions.parquet")):
        assert f"`{column}`" in page or column.startswith("disease")
