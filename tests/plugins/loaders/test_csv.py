from __future__ import annotations

import gzip

import pytest

from tests.plugins.loaders.reading import rows_of
from vertikit import VertikitError
from vertikit_plugins.loaders import csv
from vertikit_plugins.loaders.csv import CsvLoader


@pytest.fixture
def load(tmp_path):
    def load(content, name="notes.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        folder = tmp_path / "rows"
        folder.mkdir(exist_ok=True)
        return CsvLoader().load(str(path), folder)

    return load


def test_rows_are_strings_numbered_from_one(load):
    loaded = load("text,age\nfever,007\ncough,1.50\n")
    assert loaded.columns == ("text", "age")
    assert rows_of(loaded) == [
        {"text": "fever", "age": "007", "_row": 1},
        {"text": "cough", "age": "1.50", "_row": 2},
    ]
    assert loaded.bad == ()


def test_values_that_look_missing_are_left_to_the_columns(load):
    assert [row["text"] for row in rows_of(load("text,a\nNULL,1\nNA,1\n,1\n"))] == ["NULL", "NA", ""]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(load, ending):
    loaded = load(ending.join(["text,b", "fever,1", "cough,2", ""]))
    assert [row["text"] for row in rows_of(loaded)] == ["fever", "cough"]


def test_a_byte_order_mark_is_no_part_of_the_first_name(load):
    assert load(b"\xef\xbb\xbftext,b\nfever,1\n").columns == ("text", "b")
    assert load(b'\xef\xbb\xbftext,b\n"fe\nver",1\n').columns == ("text", "b")


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_separator_is_read_off_the_header(load, separator):
    content = f"text{separator}disease\nfever; dry\tmouth, tired{separator}flu\n"
    if separator != ",":
        content = content.replace("; dry\tmouth", "")
    else:
        content = content.replace("fever; dry\tmouth, tired", '"fever; dry\tmouth, tired"')
    (row,) = rows_of(load(content))
    assert row["disease"] == "flu"


def test_tsv_is_split_at_tabs_alone(load):
    (row,) = rows_of(load("text\tdisease\nfever, cough\tflu\n", "notes.tsv"))
    assert row == {"text": "fever, cough", "disease": "flu", "_row": 1}


@pytest.mark.parametrize("name", ["notes.csv.gz", "notes.tsv.gz", "NOTES.CSV.GZ"])
def test_gzipped_files_are_read(load, name):
    assert CsvLoader().reads(name)
    separator = "\t" if "tsv" in name else ","
    (row,) = rows_of(load(gzip.compress(f"text{separator}b\nfever{separator}1\n".encode()), name))
    assert row["text"] == "fever"


def test_other_files_and_urls_are_not_taken():
    assert not any(map(CsvLoader().reads, ["notes.parquet", "notes", "hf://owner/data.csv", "notes.gz"]))


def test_a_short_and_a_long_row_are_bad_rows_with_their_text(load):
    loaded = load("text,b,c\nfever,1,2\nshort\nlong,1,2,3\ncough,1,2\n")
    assert [row["_row"] for row in rows_of(loaded)] == [1, 4]
    assert [(bad.row, bad.raw) for bad in loaded.bad] == [(2, "short"), (3, "long,1,2,3")]
    assert "1 instead of 3" in loaded.bad[0].reason


def test_a_quote_that_is_never_closed_costs_one_row_and_not_the_rest(load):
    loaded = load('text,b\nfever,1\n"open,2\ncough,3\nrash,4\n')
    assert [row["text"] for row in rows_of(loaded)] == ["fever", "cough", "rash"]
    assert [(bad.row, bad.raw) for bad in loaded.bad] == [(2, '"open,2')]


def test_a_quote_open_in_the_last_column_swallows_nothing_in_silence(load):
    loaded = load('id,text\n1,fever\n2,"open\n3,"cough"\n4,rash\n')
    assert [row["id"] for row in rows_of(loaded)] == ["1", "3", "4"]
    assert [bad.row for bad in loaded.bad] == [2]


def test_a_file_cut_off_inside_quotes_has_a_bad_last_row(load):
    loaded = load('id,text\n1,fever\n2,"half a no')
    assert [row["id"] for row in rows_of(loaded)] == ["1"]
    assert [bad.row for bad in loaded.bad] == [2]


def test_line_breaks_and_quotes_inside_quotes_are_part_of_the_text(load):
    loaded = load('text,b\n"fever\nsince ""two"" days\u2028ago",1\ncough,2\n')
    assert [row["text"] for row in rows_of(loaded)] == ['fever\nsince "two" days\u2028ago', "cough"]
    assert [row["_row"] for row in rows_of(loaded)] == [1, 2]


def test_inches_in_the_middle_of_a_field_are_no_quotes(load):
    loaded = load('text,b\na 5" tube,1\n"quoted" then not,2\n')
    assert [row["text"] for row in rows_of(loaded)] == ['a 5" tube', "quoted then not"]


@pytest.mark.parametrize("content", ["text,b\nfever,1\n\ncough,2\n\n", 'text,b\n"fe\nver",1\n\ncough,2\n\n'])
def test_empty_lines_are_no_rows(load, content):
    assert [row["_row"] for row in rows_of(load(content))] == [1, 2]


@pytest.mark.parametrize("content", ["text\nfever\n\ncough\n", 'text\n"fe\nver"\n\ncough\n'])
def test_an_empty_line_of_a_single_column_is_an_empty_value(load, content):
    assert [(row["_row"], row["text"]) for row in rows_of(load(content))][1:] == [(2, ""), (3, "cough")]


def test_a_text_of_100000_characters_is_read_whole(load):
    text = "word " * 20_000
    assert rows_of(load(f"text,b\n{text},1\n"))[0]["text"] == text
    broken = text.replace(" ", "\n")
    assert rows_of(load(f'text,b\n"{broken}",1\n'))[0]["text"] == broken


def test_a_record_longer_than_a_block_is_read(load, monkeypatch):
    monkeypatch.setattr(csv, "BLOCK", 1000)
    rows = rows_of(load("text,b\n" + "".join(f"{'x' * 700 * (at % 3)},{at}\n" for at in range(50))))
    assert [row["b"] for row in rows] == [str(at) for at in range(50)]


def test_a_nul_byte_is_left_to_the_column(load):
    assert rows_of(load("text,b\nfe\x00ver,1\n"))[0]["text"] == "fe\x00ver"


def test_rows_in_another_encoding_are_bad_rows(load):
    loaded = load("text,b\nfièvre,1\n".encode() + "fièvre,2\n".encode("latin-1") + "né,3\nplain,4\n".encode())
    assert [row["b"] for row in rows_of(loaded)] == ["1", "3", "4"]
    assert [(bad.row, bad.reason) for bad in loaded.bad] == [(2, "is not UTF-8")]
    assert "fi\ufffdvre" in loaded.bad[0].raw


def test_a_file_in_another_encoding_is_refused_with_the_cure(load):
    content = "text,b\nplain,1\nfièvre,2\nnausée,3\n".encode("latin-1")
    with pytest.raises(VertikitError, match=r"is not UTF-8 \(first at row 2\)") as error:
        load(content)
    assert "iconv -f latin1 -t utf-8 notes.csv" in error.value.do


def test_a_header_in_another_encoding_is_refused(load):
    with pytest.raises(VertikitError, match="is not UTF-8"):
        load("texte,âge\nfever,1\n".encode("latin-1"))


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"\n\n", "no header"),
        (b"text,b\n", "a header and no rows"),
        (b"text,b", "a header and no rows"),
        (b"text,b\n\n\n", "a header and no rows"),
        (b"text,b,text\n1,2,3\n", "'text' twice"),
        (b'"text,b\n1,2\n', "the header has a quote"),
        (b"\x89PNG\r\n" + bytes(range(256)) * 20, "not a text file"),
        (b"PK\x03\x04" + bytes(100), "a zip file or an Excel sheet"),
        (gzip.compress(b"text,b\n1,2\n"), "a gzip file"),
        ("text,b\n1,2\n".encode("utf-16"), "UTF-16"),
    ],
)
def test_what_is_no_table_is_refused_in_one_line(load, content, what):
    with pytest.raises(VertikitError, match=what) as error:
        load(content)
    assert "notes.csv" in error.value.what
    assert error.value.do


def test_a_gzip_file_that_was_cut_short_is_refused(load):
    whole = gzip.compress(b"a,b\n" + "".join(f"{at * 7919 % 1013},{at}\n" for at in range(30_000)).encode())
    with pytest.raises(VertikitError, match="damaged or cut short"):
        load(whole[: len(whole) // 2], "notes.csv.gz")


def test_plain_text_called_gz_is_refused(load):
    with pytest.raises(VertikitError, match="not a gzip file"):
        load("text,b\n1,2\n", "notes.csv.gz")


def test_both_ways_of_reading_give_the_same_rows(load, monkeypatch):
    content = 'text,b\nfever,1\n"co,ugh",\n"say ""ah""", x \n\nNA,5" tube\n'
    quick = rows_of(load(content))
    monkeypatch.setattr(csv, "_load_quickly", lambda *_: False)
    assert rows_of(load(content)) == quick
    assert len(quick) == 4


def test_a_column_without_a_name_gets_one(load):
    assert load("text,,b\nfever,1,2\n").columns == ("text", "(column 2)", "b")


def test_two_stray_quotes_that_pair_up_swallow_nothing(load):
    loaded = load('id,text\n1,fever\n2,"open\n3,another "quote\n4,rash\n')
    assert [row["id"] for row in rows_of(loaded)] == ["1", "3", "4"]
    assert [bad.row for bad in loaded.bad] == [2]
