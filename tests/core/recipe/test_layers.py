"""What a user says: a YAML file, and --set."""

from pathlib import Path
from typing import Any

import pytest

from vertikit.errors import UsageError
from vertikit.recipe import load_recipe_file, parse_set


@pytest.mark.parametrize(
    ("settings", "tree"),
    [
        ((), {}),
        (("epochs=5",), {"epochs": 5}),
        (("a.b.c=1", "a.b.d=x"), {"a": {"b": {"c": 1, "d": "x"}}}),
        (("evaluation.learning_curve=[0.25,0.5]",), {"evaluation": {"learning_curve": [0.25, 0.5]}}),
        (("strategy=lora", "strategy.rank=16"), {"strategy": {"name": "lora", "rank": 16}}),
        (("strategy.rank=16", "strategy=lora"), {"strategy": {"name": "lora", "rank": 16}}),
        (("strategy={name: lora, rank: 8}", "strategy.rank=16"), {"strategy": {"name": "lora", "rank": 16}}),
        (("seed=1", "seed=2"), {"seed": 2}),
        (("rate=1e-3",), {"rate": 0.001}),
        (("cache=false",), {"cache": False}),
        (("threads=",), {"threads": None}),
        (("backbone=a/b=c",), {"backbone": "a/b=c"}),
        ((" epochs =5",), {"epochs": 5}),
        (("device=cuda:0",), {"device": "cuda:0"}),
    ],
)
def test_dotted_keys_become_a_tree_of_yaml_values(settings: tuple[str, ...], tree: dict[str, Any]) -> None:
    assert parse_set(settings) == tree


@pytest.mark.parametrize("setting", ["epochs", "=5", "a..b=1", ".a=1", "a.=1", ""])
def test_a_setting_that_is_no_key_and_value_is_refused(setting: str) -> None:
    with pytest.raises(UsageError, match="KEY=VALUE"):
        parse_set((setting,))


def test_a_value_that_is_no_yaml_names_its_key() -> None:
    with pytest.raises(UsageError, match=r"--set a\.b: '\[1, 2' cannot be read"):
        parse_set(("a.b=[1, 2",))


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def test_a_recipe_file_is_a_mapping(tmp_path: Path) -> None:
    text = "\ufeffepochs: 5\noptimiser:\n  rate: 1e-3  # small\n  schedule: no\n"
    assert load_recipe_file(write(tmp_path / "r.yaml", text)) == {
        "epochs": 5,
        "optimiser": {"rate": 0.001, "schedule": "no"},
    }
    assert load_recipe_file(write(tmp_path / "r.yaml", "# nothing\n")) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("epochs: 5\nbatch: [1\n", "not valid YAML, line 3"),
        ("epochs: 5\n  rows: 3\n", "line 2"),
        ("epochs: 5\nseed: 1\nepochs: 6\n", "line 3: the key 'epochs' stands here twice"),
        ("a: &x [1]\nb: *x\n", "line 1: anchors and aliases"),
        ("a: !!python/object/apply:os.system ['true']\n", "could not determine a constructor"),
        ("- 1\n- 2\n", "holds no `key: value` lines"),
        ("just text", "holds no `key: value` lines"),
        ("a: " + "[" * 600, "nested too deeply"),
        ("a: " + "1" * 5000, "not valid YAML"),
        (b"a: \xff\xfe", "not UTF-8 text (byte 3)"),
        ("a: \x00", "not valid YAML"),
        ("#" * 1_100_000, "1,100,000 bytes"),
    ],
)
def test_a_file_that_cannot_be_read_says_why_in_one_line(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    path = write(tmp_path / "r.yaml", text)
    with pytest.raises(UsageError) as error:
        load_recipe_file(path)
    assert said in error.value.what and str(path) in error.value.what
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no recipe file"):
        load_recipe_file(tmp_path / "none.yaml")
    with pytest.raises(UsageError, match="is a folder"):
        load_recipe_file(tmp_path)
