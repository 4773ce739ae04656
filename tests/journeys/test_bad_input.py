"""What a hostile or hapless user may give, typed at the command line: one clear error each, and nothing left."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import vertikit
from tests.journeys.conftest import SECRET, TASK, Desk, rows, said_in_a_few_lines
from vertikit import VertikitError
from vertikit.cli.finished import print_finished


def refuses(desk: Desk, typed: tuple[str | Path, ...], status: int, *says: str) -> None:
    """The command fails in a few lines and leaves the folder as it was."""
    before = desk.everything()
    said_in_a_few_lines(desk.type(*typed), status, says)
    assert desk.everything() == before


def refuses_to_train(desk: Desk, data: str, status: int, *says: str, further: tuple[str, ...] = ()) -> None:
    refuses(desk, ("train", TASK, "--output", "out", *desk.quick, "--data", data, *further), status, *says)


Content = str | bytes | None

UNREADABLE: list[tuple[str, Content, int, tuple[str, ...]]] = [
    ("nots.csv", None, 2, ("nots.csv: no such file", "notes.csv")),
    ("gone/notes.csv", None, 2, ("the folder gone does not exist",)),
    ("empty.csv", "", 1, ("empty.csv is empty",)),
    ("header.csv", "text,disease\n", 1, ("header.csv has a header and no rows",)),
    ("wrong.csv", rows(9, "tekst,disease"), 2, ("no column 'text'", "tekst, disease", "--map text=")),
    ("untold.csv", rows(9, "text,outcome"), 2, ("no column 'disease'", "--map disease=")),
    ("near.csv", rows(9, "text,diagnosis"), 2, ("no column 'disease'", "--map disease=diagnosis")),
    ("latin.csv", rows(30).replace("days", "jours très").encode("latin-1"), 1, ("not UTF-8", "iconv")),
    ("wide.csv", rows(30).encode("utf-16"), 1, ("UTF-16", "iconv")),
    ("twice.csv", rows(9, "text,text"), 1, ("column 'text' twice",)),
    ("bad.parquet", "no parquet", 1, ("bad.parquet is no Parquet file",)),
    ("bad.jsonl", "{\n[1]\n", 1, ("bad.jsonl has no line that is a JSON object",)),
    ("bad.csv.gz", "no gzip", 1, ("not a gzip file",)),
    ("cut.csv.gz", gzip.compress(os.urandom(9999))[:-4000], 1, ("cut.csv.gz",)),
    ("sheet.xlsx", "PK", 2, ("nothing here reads sheet.xlsx", "CSV")),
    ("hf://", None, 2, ("names no data set", "hf://owner/name")),
    (".", None, 2, (". is a folder", "Name the files")),
]


@pytest.mark.parametrize(
    ("name", "content", "status", "says"), UNREADABLE, ids=[each[0] for each in UNREADABLE]
)
@pytest.mark.parametrize("verb", ["train", "check", "predict", "evaluate"])
def test_a_file_that_cannot_be_used_is_named_with_what_to_do(
    desk: Desk, finished: Path, verb: str, name: str, content: Content, status: int, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows(30))
    if content is not None:
        desk.write(name, content)
    if verb == "predict" and name in ("untold.csv", "near.csv"):
        pytest.skip("predict needs no target")
    typed: dict[str, tuple[str | Path, ...]] = {
        "train": ("train", TASK, "--output", "out", *desk.quick, "--data", name),
        "check": ("check", TASK, name),
        "predict": ("predict", finished, name, "--output", "answers.csv"),
        "evaluate": ("evaluate", finished, "--data", name, "--output", "judged"),
    }
    refuses(desk, typed[verb], status, *says)


def test_one_class_is_nothing_to_tell_apart(desk: Desk) -> None:
    desk.write("one.csv", "text,disease\n" + "".join(f"cough {at} {SECRET},cold\n" for at in range(40)))
    refuses_to_train(desk, "one.csv", 1, "the one class 'cold'", "at least two classes")


def test_a_class_of_one_row_is_named_with_the_setting_that_goes_on_without(desk: Desk) -> None:
    desk.write("rare.csv", rows() + f"bitten by a dog {SECRET},rabies\n")
    refuses_to_train(desk, "rare.csv", 1, "class 'rabies': 1 row", "cleaning.rare_classes=quarantine")
    typed = desk.type("check", TASK, "rare.csv", "--set", "cleaning.rare_classes=quarantine")
    assert typed.status == 0 and "1 quarantined" in typed.out and "rabies" in typed.out


def test_a_column_of_free_text_is_no_target(desk: Desk) -> None:
    desk.write("notes.csv", rows())
    further = ("--map", "text=disease", "--map", "disease=text")
    refuses_to_train(desk, "notes.csv", 1, "looks like free text or an id", further=further)


def test_ids_that_repeat_are_named_by_row_alone(desk: Desk) -> None:
    header, *lines = rows().splitlines()
    desk.write("ids.csv", "\n".join([f"id,{header}", *(f"7,{line}" for line in lines)]))
    refuses_to_train(desk, "ids.csv", 1, "column 'id' should name each row once", "--drop id")


def test_too_many_unusable_rows_stop_with_the_reasons_ranked(desk: Desk) -> None:
    desk.write("holes.csv", rows() + ",cold\n" * 50 + f"{SECRET} cough,\n" * 20)
    refuses_to_train(
        desk, "holes.csv", 1, "70 of 190 rows cannot be used", "50 rows: text is missing", "max_quarantined"
    )


def test_rows_that_are_odd_and_no_errors_are_counted_and_the_others_train(desk: Desk) -> None:
    """Empty, NaN, NUL and mixed encodings go to quarantine by number; long, odd and formula-like ones train."""
    header, *lines = rows().splitlines()
    for name in ("cold", "flu", "acne"):
        lines += [f"{name} {SECRET} {'cough fever rash ' * 6250}{at},{name}" for at in range(2)]
        lines += [f"=cmd|' /C calc'!{name[0]}{at} cough,{name}" for at in range(3)]
    lines += [f"\U0001f637\U0001f912 fever {at} مرحبا,مرض \U0001f637" for at in range(9)]
    lines += [f"hurt {at} <script>alert(1)</script>,<script>alert(1)</script>" for at in range(9)]
    lines += [f"+SUM {at},{'=1+1' if at % 2 else '@x'}" for at in range(18)]
    usable = len(lines)
    bad = [",cold", "NaN,flu", "   ,flu", "fever,nan", f"co\0ugh {SECRET},cold", f"fever,{'l' * 300}"]
    content = (
        "\n".join([header, *lines, *bad]).encode()
        + b"\nna\xefve "
        + SECRET.encode()
        + b",flu\ncaf\xc3\xa9,flu\n"
    )
    desk.write("odd.csv", content)
    typed = desk.train("--data", "odd.csv")
    assert typed.status == 0, typed.err
    assert SECRET not in typed.out + typed.err
    assert f"{usable + 8} read, 7 quarantined" in typed.err and "longer than the encoder takes" in typed.err
    quarantine = pd.read_csv("out/quarantine.csv")
    assert list(quarantine.row) == [*range(usable + 1, usable + 8)]
    assert quarantine.reason.tolist() == [
        "text is missing",
        "text is missing",
        "text is missing",
        "disease is missing",
        "text holds a NUL byte: the file is damaged or not text",
        "disease is longer than 200 characters: this is no class name",
        "is not UTF-8",
    ]
    for name in ("quarantine.csv", "report.html", "log.jsonl", "metrics.json", "task.json", "README.md"):
        written = Path("out", name).read_text(encoding="utf-8")
        assert SECRET not in written, name
        assert name != "report.html" or "<script>alert" not in written

    typed = desk.type("predict", "out", "odd.csv", "--output", "answers.csv")
    assert typed.status == 0 and f"5 of {usable + 8} rows cannot be used" in typed.err
    answers = pd.read_csv("answers.csv")
    assert list(answers.row) == [*range(1, usable + 9)]
    # A row without a diagnosis, or with nonsense in its place, is answered all the same.
    without_text = [True, True, True, False, True, False, True]
    assert answers.error.notna().tolist() == [False] * usable + without_text + [False]
    assert answers.disease.isna().tolist() == answers.error.notna().tolist()


def test_a_table_of_ten_thousand_columns_is_read_and_its_columns_are_not_all_listed(desk: Desk) -> None:
    many = ",".join(f"c{at}" for at in range(9_998))
    header, *lines = rows(30).splitlines()
    ones = ",".join("1" * 9_998)
    desk.write("many.csv", "\n".join([f"{header},{many}", *(f"{line},{ones}" for line in lines)]))
    typed = desk.type("check", TASK, "many.csv")
    assert typed.status == 0 and "30 read" in typed.out, typed.err
    assert len(typed.out) < 4_000
    desk.write("wrong.csv", f"tekst,disease,{many}\na,b,{ones}\n")
    before = desk.everything()
    typed = desk.type("check", TASK, "wrong.csv")
    said_in_a_few_lines(typed, 2, ["no column 'text'", "--map text=tekst"])
    assert len(typed.err) < 600 and desk.everything() == before


HOSTILE = [
    "a\nb.csv",
    'it\'s "so".csv',
    "naïve \U0001f637 مرحبا.csv",
    "sp ace.csv",
    "%s{x}[red].csv",
    "a=b.csv",
    "$(touch pwned).csv",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_files_and_runs_may_be_called_as_one_likes(desk: Desk, finished: Path, name: str) -> None:
    desk.write(name, rows(30))
    assert desk.type("check", TASK, name).status == 0
    shutil.copytree(finished, name.removesuffix(".csv"))
    typed = desk.type("predict", name.removesuffix(".csv"), name, "--output", f"out {name}")
    assert typed.status == 0 and len(pd.read_csv(f"out {name}")) == 30, typed.err
    refuses(desk, ("check", TASK, f"not {name}"), 2, "no such file")
    assert not Path("pwned").exists()


def test_a_name_that_starts_with_a_dash_is_taken_behind_two_of_them(desk: Desk) -> None:
    desk.write("-notes.csv", rows(30))
    refuses(desk, ("check", TASK, "-notes.csv"), 2, "No such option", "--help")
    assert desk.type("check", TASK, "--", "-notes.csv").status == 0
    assert desk.type("check", TASK, "--data=-notes.csv").status == 0


@pytest.mark.parametrize(
    ("folder", "shown"), [("my run; echo pwned", "'my run; echo pwned'"), ("-run", "./-run"), ("run", "run")]
)
def test_the_next_commands_that_a_run_prints_can_be_pasted(
    desk: Desk, finished: Path, capfd: pytest.CaptureFixture[str], folder: str, shown: str
) -> None:
    shutil.copytree(finished, desk.folder / folder)
    print_finished(vertikit.load(folder))
    said = capfd.readouterr().out
    assert f"vertikit predict {shown} NEW_ROWS --output answers.csv\n" in said
    assert f"vertikit evaluate {shown} --data OTHER_ROWS\n" in said


@pytest.mark.parametrize(
    "typed",
    [
        ("check", TASK, "notes.csv", "--recipe", "{long}"),
        ("train", TASK, "--data", "notes.csv", "--output", "{long}"),
        ("predict", "{run}", "notes.csv", "--output", "{long}.csv"),
        ("predict", "{long}", "notes.csv", "--output", "out.csv"),
        ("evaluate", "{run}", "--data", "notes.csv", "--output", "{long}"),
        ("report", "{long}"),
        ("compare", "{long}", "{long}"),
        ("runs", "--in", "{long}"),
        ("sample", TASK, "--output", "{long}"),
    ],
    ids=lambda typed: f"{typed[0]} {typed[-2]}",
)
def test_a_name_that_the_disk_does_not_take_is_said_in_a_line(
    desk: Desk, finished: Path, typed: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows(30))
    before = desk.everything()
    done = desk.type(*(each.format(long="x" * 300, run=finished) for each in typed))
    assert done.status in (1, 2) and "unexpected" not in done.err and "Traceback" not in done.err, done.err
    assert sum(line.startswith("error: ") for line in done.err.splitlines()) == 1
    assert desk.everything() == before


# Outputs


@pytest.mark.parametrize(
    "output", ["notes.csv", "folder", "dangling", "notes.csv/run", ".", "/proc/run", "/dev/null/run"]
)
def test_train_and_evaluate_write_nowhere_but_into_a_new_folder(
    desk: Desk, finished: Path, output: str
) -> None:
    desk.write("notes.csv", rows())
    Path("folder").mkdir()
    desk.write("folder/thesis.txt", "years of work")
    Path("dangling").symlink_to("nowhere")
    what = "exists already" if output in ("notes.csv", "folder", "dangling") else ""
    refuses(
        desk, ("train", TASK, *desk.quick, "--data", "notes.csv", "--output", output), 2, what, "--output"
    )
    refuses(desk, ("evaluate", finished, "--data", "notes.csv", "--output", output), 2, what, "--output")


@pytest.mark.parametrize(
    "output", ["mine.csv", "notes.csv/x.csv", "x.xlsx", "x", "/proc/x.csv", "folder.csv"]
)
def test_predict_writes_nowhere_but_into_a_new_file(desk: Desk, finished: Path, output: str) -> None:
    desk.write("notes.csv", rows(9))
    desk.write("mine.csv", "mine")
    Path("folder.csv").mkdir()
    refuses(desk, ("predict", finished, "notes.csv", "--output", output), 2, output, "--output")
    assert Path("mine.csv").read_text() == "mine"


def test_an_output_without_permission_is_refused_at_once(desk: Desk, finished: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    desk.write("notes.csv", rows())
    Path("locked").mkdir(mode=0o500)
    refuses_to_train(
        desk, "notes.csv", 2, "locked/run", "cannot be written", further=("--output", "locked/run")
    )
    refuses(desk, ("predict", finished, "notes.csv", "--output", "locked/x.csv"), 2, "cannot be written")


def test_a_full_disk_is_said_in_a_line_and_leaves_no_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from vertikit.training import adapting

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device", "features.npy")

    desk.write("notes.csv", rows())
    monkeypatch.setattr(adapting, "bind", full)
    refuses_to_train(desk, "notes.csv", 1, "features.npy: No space left on device", "Free some space")


def test_a_default_output_leaves_no_empty_runs_folder_behind(desk: Desk) -> None:
    refuses(desk, ("train", TASK, *desk.quick, "--data", "gone.csv"), 2, "no such file")
    Path("runs").mkdir()
    desk.write("runs/kept.txt", "kept")
    refuses(desk, ("train", TASK, *desk.quick, "--data", "gone.csv"), 2, "no such file")


# Recipes and backbones


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
    desk: Desk, content: Content, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows())
    if content is not None:
        desk.write("r.yaml", content)
    refuses_to_train(desk, "notes.csv", 2, *says, further=("--recipe", "r.yaml"))
    assert not Path("pwned").exists()


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


# Evaluation


def test_a_label_unseen_in_training_is_counted_and_the_other_rows_are_judged(
    desk: Desk, finished: Path
) -> None:
    desk.write("other.csv", rows(30, start=500) + f"bleeding gums {SECRET},scurvy\n,cold\n")
    typed = desk.type("evaluate", finished, "--data", "other.csv", "--output", "judged")
    assert typed.status == 0, typed.err
    assert "rows: 32 read, 2 cannot be used" in typed.err
    assert SECRET not in typed.out + typed.err
    quarantine = pd.read_csv("judged/quarantine.csv")
    assert sorted(zip(quarantine.row, quarantine.reason, strict=True)) == [
        (31, "disease 'scurvy' is none of the run's classes"),
        (32, "text is missing"),
    ]
    assert json.loads(Path("judged/metrics.json").read_text())["rows"]["test"] == 30


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (f"text,disease\n{SECRET},scurvy\nfever,gout\n", ("none of the 2 usable rows", "acne, cold, flu.", "--map")),
        (f"text,disease\n,cold\n{SECRET},\n", ("none of the 2 rows can be used", "text is missing", "disease is")),
    ],
)  # fmt: skip
def test_rows_of_which_none_can_be_judged_are_refused_with_the_true_reason(
    desk: Desk, finished: Path, content: str, says: tuple[str, ...]
) -> None:
    desk.write("other.csv", content)
    refuses(desk, ("evaluate", finished, "--data", "other.csv", "--output", "judged"), 1, *says)


def test_an_unfinished_evaluation_is_not_to_be_resumed(desk: Desk, finished: Path) -> None:
    desk.write("notes.csv", rows(30))
    Path("judged.partial").mkdir()
    before = desk.everything()
    typed = desk.type("evaluate", finished, "--data", "notes.csv", "--output", "judged")
    said_in_a_few_lines(typed, 2, ["judged.partial", "Remove the folder"])
    assert "--resume" not in typed.err and desk.everything() == before


def test_rows_of_which_none_can_be_used_are_answered_with_their_reasons(desk: Desk, finished: Path) -> None:
    desk.write("bad.csv", "text\n\n   \nNaN\n")
    typed = desk.type("predict", finished, "bad.csv", "--output", "answers.jsonl")
    assert typed.status == 0 and "3 of 3 rows cannot be used" in typed.err
    assert [json.loads(line)["error"] for line in Path("answers.jsonl").read_text().splitlines()] == [
        "text is missing"
    ] * 3


# Damaged runs

Damage = Callable[[Path], object]


def _task(**changes: Any) -> Damage:
    def damage(run: Path) -> None:
        manifest = json.loads((run / "task.json").read_text())
        for key, value in changes.items():
            manifest.pop(key) if value is None else manifest.update({key: value})
        (run / "task.json").write_text(json.dumps(manifest))

    return damage


def _cut(name: str, size: int) -> Damage:
    return lambda run: (run / name).write_bytes((run / name).read_bytes()[:size])


DAMAGES: dict[str, tuple[Damage, str]] = {
    "metrics changed": (lambda run: _replace(run / "metrics.json", "0.", "0.9"), "metrics.json"),
    "metrics no JSON": (_cut("metrics.json", 20), "metrics.json"),
    "head cut": (_cut("model/head.safetensors", 50), "head.safetensors"),
    "head empty": (_cut("model/head.safetensors", 0), "head.safetensors"),
    "head gone": (lambda run: (run / "model/head.safetensors").unlink(), "head.safetensors"),
    "recipe gone": (lambda run: (run / "recipe.yaml").unlink(), "recipe.yaml"),
    "recipe changed": (lambda run: _replace(run / "recipe.yaml", "epochs: 1", "epochs: 2"), "recipe.yaml"),
    "task no JSON": (lambda run: (run / "task.json").write_text("no json"), "task.json"),
    "task empty": (_cut("task.json", 0), "task.json"),
    "task a list": (lambda run: (run / "task.json").write_text("[]"), "task.json"),
    "task an empty object": (lambda run: (run / "task.json").write_text("{}"), "task.json"),
    "task bytes": (lambda run: (run / "task.json").write_bytes(b"\xff\xfe\x00"), "task.json"),
    "task deep": (lambda run: (run / "task.json").write_text("[" * 100_000), "task.json"),
    "no labels": (_task(labels=None), "'labels'"),
    "no task": (_task(task=None), "'task'"),
    "no columns": (_task(columns=None), "'columns'"),
    "no backbones": (_task(backbones=None), "'backbones'"),
    "no files": (_task(files=None), "task.json"),
    "labels a number": (_task(labels=3), "'labels'"),
    "labels too few": (_task(labels=["cold"]), "head.safetensors"),
    "task a number": (_task(task=5), "'task'"),
    "columns a list": (_task(columns=[1]), "'columns'"),
    "backbones a list": (_task(backbones=[]), "'backbones'"),
    "backbones empty": (_task(backbones={}), "'backbones'"),
    "files a list": (_task(files=["metrics.json"]), "task.json"),
    "files empty": (_task(files={}), "does not list"),
    "another format": (_task(format=99), "format 99 is newer"),
    "a format that is none": (_task(format="x"), "task.json"),
    "a path beside the run": (_task(files={"../notes.csv": "0"}), "outside the run"),
    "a path from the root": (_task(files={"/etc/passwd": "0"}), "outside the run"),
    "other weights of the encoder": (_task(backbones={"text": {"sha256": "0" * 64}}), "sha256 000000000000"),
}  # fmt: skip


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_run_is_refused_with_the_file_that_is(desk: Desk, finished: Path, damage: str) -> None:
    desk.write("notes.csv", rows(9))
    shutil.copytree(finished, "run")
    change, says = DAMAGES[damage]
    change(Path("run"))
    refuses(desk, ("predict", "run", "notes.csv", "--output", "answers.csv"), 1, says)
    refuses(desk, ("evaluate", "run", "--data", "notes.csv", "--output", "judged"), 1, says)


@pytest.mark.parametrize(
    "damage", ["metrics changed", "metrics no JSON", "task no JSON", "task a list", "task deep"]
)
def test_numbers_that_were_changed_are_not_shown_as_the_runs_own(
    desk: Desk, finished: Path, damage: str
) -> None:
    Path("runs").mkdir()
    shutil.copytree(finished, "runs/run")
    shutil.copytree(finished, "runs/whole")
    DAMAGES[damage][0](Path("runs/run"))
    refuses(desk, ("report", "runs/run"), 1, "runs/run")
    refuses(desk, ("compare", "runs/whole", "runs/run"), 1, "runs/run is damaged")
    listed = json.loads(desk.type("runs", "--json").out)
    assert {Path(each["folder"]).name: each["state"] for each in listed} == {"run": "damaged", "whole": "ok"}


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("late.partial", ("not finished", "--resume")),
        ("gone", ("no such run", "vertikit runs")),
        ("notes.csv", ("no such run",)),
        ("empty", ("no task.json",)),
        ("judged", ("is an evaluation of the run", "Name the run itself")),
    ],
)
def test_what_is_no_finished_run_is_not_used_as_one(
    desk: Desk, finished: Path, folder: str, says: tuple[str, ...]
) -> None:
    desk.write("notes.csv", rows(9))
    shutil.copytree(finished, "late.partial")
    Path("empty").mkdir()
    if folder == "judged":
        assert desk.type("evaluate", finished, "--data", "notes.csv", "--output", "judged").status == 0
    refuses(desk, ("predict", folder, "notes.csv", "--output", "answers.csv"), 2, *says)


# The same from Python


@pytest.mark.parametrize(
    "rows",
    [
        *([], pd.DataFrame(), pd.DataFrame({"text": []}), 5, None, {"text": "a"}),
        *("cough and fever", [{"tekst": "a"}], [{"text": "a"}, "b"]),
    ],
    ids=["list", "frame", "no rows", "number", "none", "dict", "a text for a path", "other key", "mixed"],
)
def test_rows_in_memory_that_cannot_be_used_are_one_error(finished: Path, rows: Any) -> None:
    with pytest.raises(VertikitError) as caught:
        vertikit.load(finished).predict(rows)
    assert caught.value.what and caught.value.do


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"epoch": 3}, "epoch: unknown key"),
        ({"output": ""}, "a folder of its own"),
        ({"output": "/"}, "a folder of its own"),
        ({"output": "a\0b"}, "cannot be written"),
        ({"drop": "text"}, "'text'"),
        ({"map": {"text": "zzz"}}, "no column 'zzz'"),
        ({"test": {"valid": "notes.csv"}}, "cannot be called 'valid'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_nonsense_from_python_is_one_error_and_leaves_nothing(
    desk: Desk, tiny_encoder: Path, options: dict[str, Any], says: str
) -> None:
    desk.write("notes.csv", rows())
    before = desk.everything()
    with pytest.raises(VertikitError, match=says) as caught:
        vertikit.train(
            TASK,
            "notes.csv",
            **{"output": "out", "backbone": str(tiny_encoder), "progress": False, **options},
        )
    assert SECRET not in str(caught.value)
    assert desk.everything() == before


@pytest.mark.usefixtures("desk")
def test_dropping_one_column_from_python_needs_no_list() -> None:
    with pytest.raises(VertikitError, match="--drop age"):
        vertikit.train(TASK, [{"text": "a", "disease": "b"}], drop="age", output="out", progress=False)
