"""A recipe's backbone is a registered name, a folder, or a Hub id."""

from pathlib import Path

import pytest

from tests.core.recipe.conftest import known, plugins
from tests.core.registry.faking import FakePlugins
from vertikit.errors import UsageError
from vertikit.recipe import Choice
from vertikit.registry import Registry
from vertikit.select.choosing import choose_backbone

__all__ = ["known", "plugins"]


def given(source: object) -> object:
    return source.given  # type: ignore[attr-defined]


def test_a_registered_name_is_built_with_its_options(known: Registry) -> None:
    assert given(choose_backbone(Choice.model_validate({"name": "tiny", "length": 8}), known)) == {
        "length": 8,
        "mode": "mean",
    }


def test_a_folder_and_a_hub_id_go_to_the_backbone_that_takes_a_source(
    known: Registry, tmp_path: Path
) -> None:
    for name in (str(tmp_path), "owner/name"):
        source = choose_backbone(Choice.model_validate({"name": name, "length": 8}), known)
        assert given(source) == {"length": 8, "mode": "mean", "source": name}


def test_a_home_folder_is_written_with_a_tilde(
    known: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "model").mkdir()
    source = choose_backbone(Choice(name="~/model"), known)
    assert given(source) == {"length": 32, "mode": "mean", "source": str(tmp_path / "model")}


def test_a_registered_name_wins_over_a_folder_of_that_name(
    known: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tiny").mkdir()
    monkeypatch.chdir(tmp_path)
    assert "source" not in given(choose_backbone(Choice(name="tiny"), known))  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("./no/such", "there is no folder './no/such'"),
        ("/no/such", "there is no folder '/no/such'"),
        ("a/b/c", "there is no folder 'a/b/c'"),
        ("bert", "there is no backbone 'bert'.*owner/name"),
        ("tony", "Did you mean 'tiny'"),
    ],
)
def test_a_name_that_is_none_of_these_is_refused(known: Registry, name: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        choose_backbone(Choice(name=name), known)


def test_a_file_is_no_folder(known: Registry, tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_text("x")
    with pytest.raises(UsageError, match="is a file"):
        choose_backbone(Choice(name=str(tmp_path / "model.bin")), known)


def test_without_a_backbone_that_takes_a_source_a_hub_id_cannot_be_read(plugins: FakePlugins) -> None:
    with pytest.raises(UsageError, match="no installed plugin reads the backbone 'owner/name'"):
        choose_backbone(Choice(name="owner/name"), plugins.load())


def test_our_own_plugin_serves_a_source_before_a_third_partys(plugins: FakePlugins, tmp_path: Path) -> None:
    code = """
    @hookimpl
    def register_backbones(register):
        register("{0}-one", lambda *, source="here": "one", summary="from here, or elsewhere")
        register({0!r}, lambda *, source: ({0!r}, source), summary="from anywhere")
    """
    plugins.add("aaa", code.format("aaa"))
    plugins.add("zzz", code.format("zzz"), distribution="vertikit")
    assert choose_backbone(Choice(name=str(tmp_path)), plugins.load())[0] == "zzz"  # type: ignore[index]
