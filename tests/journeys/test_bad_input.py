"""What a hostile or hapless user may give, typed at the command line: one clear error each, and nothing left."""

from __future__ import annotations

import gzip
import os
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import vertikit
from tests.journeys.conftest import (
    SECRET,
    TASK,
    Desk,
    refuses,
    refuses_to_train,
    rows,
    said_in_a_few_lines,
)
from vertikit.cli.finished import print_finished

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
    "output", ["mine.csv", "notes.csv/x.csv", "x.xlsx", "/proc/x.csv", "folder.csv", "notes.csv/x", "/proc/x"]
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


@pytest.mark.parametrize("option", ["--test", "--valid"])
@pytest.mark.parametrize(
    "content", ["text,disease\ngums,scurvy\n", "text,disease\n,cold\n"], ids=["unseen", "empty"]
)
def test_a_part_of_which_no_row_can_be_used_is_refused(desk: Desk, option: str, content: str) -> None:
    desk.write("notes.csv", rows())
    desk.write("part.csv", content)
    refuses(desk, ("check", TASK, "notes.csv", option, "part.csv"), 1, "part.csv")


@pytest.mark.parametrize("option", [("--map", "text=disease"), ("--drop", "text")], ids=["mapped", "dropped"])
def test_a_column_that_was_taken_away_is_not_said_to_be_missing(desk: Desk, option: tuple[str, str]) -> None:
    desk.write("notes.csv", rows())
    typed = desk.type("check", TASK, "notes.csv", *option)
    assert typed.status == 2
    assert not ("has no column" in typed.err and "columns are: text, disease" in typed.err), typed.err
