"""`predict` into a folder of parts: the lines of `predict` to a file, and what is refused."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from tests.core.deploy.batches.comparing import parts_of, same
from tests.core.deploy.batches.killing import killed_at
from vertikit import Run, UsageError
from vertikit.cli.entry import main
from vertikit.deploy.batches.job import Asked, predict_in_parts
from vertikit.deploy.predicting import predict_to
from vertikit.errors import VertikitError


@pytest.fixture(scope="session")
def rows(notes: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, ...]:
    """The same notes as three kinds of files; some rows cannot be read, and some cannot be used."""
    folder = tmp_path_factory.mktemp("rows")
    table = pd.read_csv(notes, dtype=str)
    table.loc[[3, 40], "text"] = None
    first, second, third = table[:100], table[100:150], table[150:230]
    first.to_parquet(folder / "a.parquet", row_group_size=30, index=False)
    with gzip.open(folder / "b.jsonl.gz", "wt") as file:
        file.write(second.to_json(orient="records", lines=True))
    lines = third.to_csv(index=False).splitlines()
    lines.insert(20, "too,many,fields,here,for,this,header,and,more,of,them,still")
    lines.append('"never closed')
    (folder / "c.csv").write_text("\n".join(lines) + "\n")
    return tuple(str(folder / name) for name in ("a.parquet", "b.jsonl.gz", "c.csv"))


@pytest.fixture(scope="session")
def plain(probe_run: Run, rows: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    output = tmp_path_factory.mktemp("plain") / "plain.parquet"
    predict_to(probe_run, rows, output, mapping={})
    return pd.read_parquet(output)


def test_parts_hold_the_lines_of_predict_in_its_order_bad_rows_in_their_place(
    probe_run, rows, plain, tmp_path
):
    found = predict_in_parts(probe_run, Asked(rows, tmp_path / "out", {}, part_rows=30))
    same(parts_of(tmp_path / "out"), plain)
    assert plain["error"].notna().sum() == found.bad >= 4
    assert (found.rows, found.parts) == (len(plain), 4 + 2 + 3)


def test_bad_rows_are_in_the_quarantine_with_number_and_reason_and_no_private_text(
    probe_run, rows, plain, tmp_path
):
    predict_in_parts(probe_run, Asked(rows, tmp_path / "out", {}, part_rows=30))
    listed = pd.read_csv(tmp_path / "out" / "quarantine.csv")
    bad = plain[plain["error"].notna()]
    assert list(listed["row"]) == list(bad["row"]) and list(listed["reason"]) == list(bad["error"])
    assert list(listed["source"][:2]) == ["a.parquet"] * 2 and list(listed["source"][-2:]) == ["c.csv"] * 2
    assert listed["raw"].isna().all()


@pytest.mark.parametrize("stop", range(1, 16))
def test_killed_at_any_write_it_goes_on_to_the_same_rows(stop, probe_run, rows, plain, tmp_path):
    asked = Asked(rows[:1], tmp_path / "out", {}, part_rows=40)
    assert killed_at(stop, lambda: predict_in_parts(probe_run, asked))
    predict_in_parts(probe_run, asked)
    same(parts_of(tmp_path / "out"), plain[:100])
    assert len(pd.read_csv(tmp_path / "out" / "quarantine.csv")) == plain[:100]["error"].notna().sum()


def test_a_line_of_the_ledger_that_was_cut_off_is_of_a_part_that_is_made_again(
    probe_run, rows, plain, tmp_path
):
    asked = Asked(rows[:1], tmp_path / "out", {}, part_rows=40)
    assert killed_at(13, lambda: predict_in_parts(probe_run, asked))
    ledger = tmp_path / "out" / "ledger.jsonl"
    assert ledger.read_bytes().count(b"\n") > 1
    ledger.write_bytes(ledger.read_bytes()[:-5])
    predict_in_parts(probe_run, asked)
    same(parts_of(tmp_path / "out"), plain[:100])


@pytest.fixture
def begun(probe_run, rows, tmp_path) -> Path:
    """A folder with a part or two, and files of its own."""
    copy = tmp_path / "a.parquet"
    shutil.copy2(rows[0], copy)
    assert killed_at(
        13, lambda: predict_in_parts(probe_run, Asked((str(copy),), tmp_path / "out", {}, part_rows=40))
    )
    return tmp_path


def refused(run: Run, asked: Asked, what: str) -> None:
    before = {each: each.stat().st_size for each in asked.output.rglob("part-*.parquet")}
    assert before
    with pytest.raises(VertikitError, match=what):
        predict_in_parts(run, asked)
    assert before == {each: each.stat().st_size for each in asked.output.rglob("part-*.parquet")}


def test_another_run_other_data_other_columns_and_other_parts_are_refused(probe_run, begun):
    asked = Asked((str(begun / "a.parquet"),), begun / "out", {}, part_rows=40)
    refused(probe_run, Asked(asked.sources, asked.output, {}, part_rows=50), "parts of another size")
    refused(
        probe_run, Asked(asked.sources, asked.output, {"text": "note"}, part_rows=40), "another column map"
    )
    refused(probe_run, Asked(asked.sources * 2, asked.output, {}, part_rows=40), "other data")
    shutil.copytree(probe_run.folder, begun / "other")
    manifest = json.loads((begun / "other" / "task.json").read_text())
    (begun / "other" / "task.json").write_text(json.dumps({**manifest, "created": "later"}))
    refused(Run(begun / "other", manifest), asked, "another run")
    os.utime(begun / "a.parquet", (1, 1))
    refused(probe_run, asked, "other data, or the data have changed since")


def test_a_part_that_is_gone_is_told(probe_run, begun):
    next(iter((begun / "out").glob("part-*.parquet"))).unlink()
    with pytest.raises(VertikitError, match="is gone, and the ledger has it as done"):
        predict_in_parts(probe_run, Asked((str(begun / "a.parquet"),), begun / "out", {}, part_rows=40))


def test_a_folder_that_is_finished_or_holds_other_things_is_refused(probe_run, rows, tmp_path):
    asked = Asked(rows[1:2], tmp_path / "out", {})
    predict_in_parts(probe_run, asked)
    with pytest.raises(UsageError, match="is finished already"):
        predict_in_parts(probe_run, asked)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.txt").touch()
    with pytest.raises(UsageError, match="is no folder of parts"):
        predict_in_parts(probe_run, Asked(rows[1:2], tmp_path / "full", {}))


def test_what_fails_before_the_first_part_leaves_nothing_behind(probe_run, tmp_path):
    with pytest.raises(VertikitError, match="no column 'text'"):
        pd.DataFrame({"other": ["x"]}).to_csv(tmp_path / "x.csv", index=False)
        predict_in_parts(probe_run, Asked((str(tmp_path / "x.csv"),), tmp_path / "out", {}))
    assert not (tmp_path / "out").exists()


def test_a_second_process_is_kept_out(probe_run, rows, tmp_path):
    from vertikit.deploy.batches.output import alone, begin

    begin(tmp_path / "out")
    with alone(tmp_path / "out"), pytest.raises(UsageError, match="another process is at work"):
        predict_in_parts(probe_run, Asked(rows[1:2], tmp_path / "out", {}))


def test_a_folder_is_typed_as_output_and_progress_is_told(probe_run, rows, tmp_path, capsys):
    output = tmp_path / "out"
    assert main(["predict", str(probe_run.folder), *rows, "--output", f"{output}/", "--part-rows", "50"]) == 0
    told = capsys.readouterr()
    assert told.out.strip() == str(output)
    assert "predicting: 232 rows in" in told.err and "of 232 rows cannot be used" in told.err
    assert (
        main(
            ["predict", str(probe_run.folder), *rows, "--output", str(tmp_path / "x.csv"), "--part-rows", "5"]
        )
        == 2
    )
    assert "is no folder of parts" in capsys.readouterr().err
    assert main(["predict", str(probe_run.folder), *rows, "--output", str(output), "--workers", "5"]) == 2
    assert "Give --engine ray as well" in capsys.readouterr().err
