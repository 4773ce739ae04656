"""Nonsense in recipes, settings and names: the key is named with the nearest valid one, and nothing is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.conftest import TASK, Desk, refuses, refuses_to_train, rows


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("backbone=minilmm", ("no backbone 'minilmm'", "'minilm'")),
        ("backbone=\U0001f637", ("no backbone '\U0001f637'", "minilm")),
        ("backbone=/nowhere/at/all", ("no folder '/nowhere/at/all'", "Check the path")),
        ("backbone=./notes.csv", ("'./notes.csv' is a file", "folder")),
        ("backbone=nobody/nothing-of-the-kind", ("not in the Hub cache", "hf download nobody/nothing-of-the-kind")),
        ("backbone=[a]", ("backbone",)),
        ("epoch=3", ("epoch: unknown key", "'epochs'")),
        ("learning_rate=1", ("learning_rate: unknown key", "'optimiser.rate'")),
        ("a.b.c=1", ("a: unknown key", "--recipe")),
        ("epochs=many", ("epochs", "not 'many'")),
        ("epochs=0", ("epochs", "greater than or equal to 1, not 0")),
        ("epochs=1.5", ("epochs", "1.5")),
        ("epochs=true", ("epochs", "true")),
        ("epochs=99999999999999999999", ("epochs", "less than or equal to 10000")),
        ("split.test=1.5", ("split.test", "less than 1")),
        ("split.test=0.999", ("too few",)),
        ("split=grouped", ("'grouped' needs a group column", "--map")),
        ("split=official", ("--valid and --test",)),
        ("seed=-1", ("seed", "not -1")),
        ("batch.tokens=1", ("batch.tokens", "greater than or equal to 16")),
        ("optimiser.rate=nan", ("optimiser.rate",)),
        ("optimiser.rate=.nan", ("optimiser.rate", "nan")),
        ("evaluation.learning_curve=[2]", ("evaluation.learning_curve", "between 0 and 1")),
        ("primary=macro_f", ("no metric 'macro_f'", "'macro_f1'")),
        ("primary=zzz", ("no metric 'zzz'", "macro_f1")),
        ("primary=per_class", ("primary", "'per_class' gives several numbers")),
        ("strategy=lorra", ("no strategy 'lorra'", "'lora'")),
        ("strategy.rank=4", ("strategy.rank", "no options")),
        ("baselines=[nope]", ("no baseline 'nope'", "majority")),
        ("policy.risk=7", ("policy.risk", "between 0 and 1")),
        ("device=tpu", ("device", "'tpu'")),
        ("device=cuda:99", ("cuda:99", "device=cpu")),
        ("epochs", ("--set 'epochs'", "KEY=VALUE")),
        ("=1", ("--set '=1'", "KEY=VALUE")),
        ("epochs=[", ("--set epochs", "cannot be read")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_nonsense_in_a_setting_names_the_key_and_the_nearest_valid_one(
    desk: Desk, setting: str, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows())
    refuses_to_train(desk, "notes.csv", 2, *says, further=("--set", setting))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("epochs: [1\n", ("not valid YAML, line 2",)),
        ("\tepochs: 1\n", ("not valid YAML, line 1",)),
        ("- a\n- b\n", ("holds no `key: value` lines",)),
        ("epochs: 1\nepochs: 2\n", ("line 2", "'epochs' stands here twice")),
        ("epochs: !!python/object/apply:os.system ['touch pwned']\n", ("not valid YAML",)),
        ("a: &a [x, x]\nb: [*a, *a, *a]\n", ("anchors and aliases",)),
        (b"\xff\xfe\x00", ("not UTF-8",)),
        ("epoch: 3\nseed: -1\nsplit: {test: 7}\n", ("wrong at 3 keys", "epoch: ", "seed: ", "split.test: ")),
        ("1: 2\n", ("unknown key",)),
        ("x" * 1_000_001, ("that is no recipe",)),
        (None, ("no recipe file r.yaml",)),
    ],
    ids=["broken", "tab", "list", "twice", "python", "anchors", "bytes", "several", "number", "huge", "none"],
)
def test_a_recipe_file_that_is_none_is_named_with_the_line(
    desk: Desk, content: str | bytes | None, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows())
    if content is not None:
        desk.write("r.yaml", content)
    refuses_to_train(desk, "notes.csv", 2, *says, further=("--recipe", "r.yaml"))
    assert not Path("pwned").exists()


@pytest.mark.parametrize("setting", ["backbone=nobody/nothing-of-the-kind", "device=cuda:99"])
def test_what_cannot_be_had_is_said_before_the_rows_are_read(desk: Desk, setting: str) -> None:
    refuses_to_train(desk, "gone.csv", 2, setting.partition("=")[2], further=("--set", setting))


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("train", "medical/diagnosi", "--data", "notes.csv"), ("no task 'medical/diagnosi'", "'medical/diagnosis'")),
        (("train", "", "--data", "notes.csv"), ("no task ''",)),
        (("show", "medcal/diagnosis"), ("medcal/diagnosis",)),
        (("demo", "zzz"), ("no task 'zzz'",)),
        (("sample", "zzz"), ("no task 'zzz'",)),
        (("tasks", "medicall"), ("no vertical 'medicall'", "'medical'")),
        (("trian", TASK), ("no verb 'trian'", "'train'")),
        (("train", TASK), ("no data is given", "--data")),
        (("train", TASK, "--data", ""), ("an empty name", "--data")),
        (("train", TASK, "--data", "notes.csv", "--map", "text"), ("--map 'text'", "ROLE=COLUMN")),
        (("train", TASK, "--data", "notes.csv", "--map", "=x"), ("--map '=x'", "ROLE=COLUMN")),
        (("train", TASK, "--data", "notes.csv", "--map", "zzz=text"), ("no column 'zzz'", "disease")),
        (("train", TASK, "--data", "notes.csv", "--map", "text=zzz"), ("no column 'zzz'", "text")),
        (("train", TASK, "--data", "notes.csv", "--map", "text=a", "--map", "text=b"), ("two columns", "Keep one")),
        (("train", TASK, "--data", "notes.csv", "--drop", "zzz"), ("--drop zzz", "no such column")),
        (("train", TASK, "--data", "notes.csv", "--drop", "text"), ("'text'",)),
        (("train", TASK, "--data", "notes.csv", "--test", "untold.csv"), ("no column 'disease'", "untold.csv")),
        (("train", TASK, "--data", "notes.csv", "--valid", "untold.csv"), ("no column 'disease'", "untold.csv")),
        (("train", TASK, "--data", "notes.csv", "--test", "=x.csv"), ("[NAME=]DATA",)),
        (("train", TASK, "--data", "notes.csv", "--test", "valid=notes.csv"), ("name of another part",)),
        (("train", TASK, "--data", "notes.csv", "--seed", "x"), ("'x' is not a valid integer",)),
        (("sample", TASK, "--rows", "0"), ("--rows",)),
        (("sample", TASK, "--output", "notes.csv"), ("notes.csv exists already",)),
        (("compare", "a"), ("two runs or more",)),
        (("compare", "a", "b"), ("no run folder a",)),
    ],
)  # fmt: skip
def test_what_is_mistyped_is_named_with_the_nearest_that_is_known(
    desk: Desk, typed: tuple[str, ...], says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows())
    desk.write("untold.csv", "text\ncough\n")
    refuses(desk, typed, 2, *says)


def test_a_test_part_that_repeats_all_training_rows_is_refused(desk: Desk) -> None:
    desk.write("notes.csv", rows())
    refuses_to_train(desk, "notes.csv", 1, "no training rows are left", further=("--test", "notes.csv"))
