"""How data is named on the command line."""

from pathlib import Path

import pytest

from vertikit.cli.data_options import _one_name_each, read_mapping, read_sources
from vertikit.errors import UsageError


def test_parts_and_columns_come_to_sources() -> None:
    sources = read_sources(
        ["a.csv", "b.csv"],
        ["text=note", "disease=final=diagnosis"],
        ["secret", "secret"],
        valid=["v.csv"],
        tests=["t.csv", "clinic=c.csv", "clinic=d.csv", "hf://owner/name"],
    )
    assert sources.data == ("a.csv", "b.csv")
    assert sources.valid == ("v.csv",)
    assert sources.tests == {"test": ("t.csv", "hf://owner/name"), "clinic": ("c.csv", "d.csv")}
    assert sources.mapping == {"text": "note", "disease": "final=diagnosis"}
    assert sources.drop == ("secret",)


def test_a_file_whose_name_looks_like_a_named_test_is_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x=y.csv").write_text("")
    assert read_sources(["a"], [], [], tests=["x=y.csv"]).tests == {"test": ("x=y.csv",)}


@pytest.mark.parametrize("mapping", ["text", "=note", "text=", "", " =x"])
def test_a_mapping_that_is_no_role_and_column_is_refused(mapping: str) -> None:
    with pytest.raises(UsageError, match="ROLE=COLUMN"):
        read_mapping([mapping])


def test_a_role_has_one_column() -> None:
    with pytest.raises(UsageError, match="gives 'text' two columns"):
        read_mapping(["text=a", "text=b"])
    assert read_mapping(["text=a", "text=a"]) == {"text": "a"}


@pytest.mark.parametrize(
    ("data", "valid", "tests", "said"),
    [
        ([], [], [], "no data is given"),
        ([""], [], [], "empty name is given to --data"),
        (["a"], [" "], [], "empty name is given to --valid"),
        (["a"], [], ["valid=x"], "'valid' is the name of another part"),
        (["a"], [], ["train=x"], "'train' is the name of another part"),
        (["a"], [], [""], "[NAME=]DATA"),
        (["a"], [], ["=x"], "[NAME=]DATA"),
    ],
)
def test_malformed_parts_are_refused(data: list[str], valid: list[str], tests: list[str], said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_sources(data, [], [], valid=valid, tests=tests)
    assert said in error.value.what


@pytest.mark.parametrize(
    ("typed", "taken"),
    [
        ("T --data a b c", "T --data a --data b --data c"),
        ("T --data a --test t u --seed 3 --valid v", "T --data a --test t --test u --seed 3 --valid v"),
        ("T --test x=t u --data a", "T --test x=t --test x=u --data a"),
        ("T --test x=t y=u v", "T --test x=t --test y=u --test y=v"),
        ("T --data=a b", "T --data a --data b"),
        ("T a b --map text=n c", "T a b --map text=n c"),
        ("T --data a --resume b", "T --data a --resume b"),
        ("T --data a -- --data b", "T --data a -- --data b"),
    ],
)
def test_an_option_takes_all_names_that_follow_as_a_shell_pattern_gives_them(typed: str, taken: str) -> None:
    assert list(_one_name_each(typed.split())) == taken.split()
