from __future__ import annotations

import gzip

import pytest

from tests.plugins.loaders.reading import rows_of
from vertikit import VertikitError
from vertikit_plugins.loaders.jsonl import JsonLinesLoader


@pytest.fixture
def load(tmp_path):
    def load(content, name="notes.jsonl"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return JsonLinesLoader().load(str(path), tmp_path)

    return load


def test_values_become_strings_and_null_is_missing(load):
    loaded = load(
        '{"a": "x", "b": 1.50, "c": true, "d": null, "e": {"k": [1, "é"]}, "f": NaN, "g": 12345678901234567890}'
    )
    assert rows_of(loaded) == [
        {"a": "x", "b": "1.50", "c": "true", "d": None, "e": '{"k": [1, "é"]}', "f": "NaN"}
        | {"g": "12345678901234567890", "_row": 1}
    ]


def test_a_key_of_a_late_line_is_a_column_of_all(load):
    loaded = load('{"a": "x"}\n\n{"b": "y"}\n')
    assert rows_of(loaded) == [{"a": "x", "b": None, "_row": 1}, {"a": None, "b": "y", "_row": 2}]


def test_lines_that_are_no_object_are_bad_rows(load):
    loaded = load(b'{"a": 1}\n{"a": \n[1]\n"x"\n{"a": "\xff"}\n{"a": "\\ud800"}\n{"a": 2}\n')
    assert [row["_row"] for row in rows_of(loaded)] == [1, 7]
    assert [(bad.row, bad.reason) for bad in loaded.bad] == [
        (2, "is not JSON"),
        (3, "is no JSON object"),
        (4, "is no JSON object"),
        (5, "is not UTF-8"),
        (6, "is not UTF-8"),
    ]
    assert loaded.bad[0].raw == '{"a":'


def test_gzipped_lines_and_a_byte_order_mark_are_read(load):
    assert rows_of(load(gzip.compress(b'\xef\xbb\xbf{"a": "x"}\n'), "notes.jsonl.gz"))[0]["a"] == "x"


@pytest.mark.parametrize(
    ("content", "what"),
    [("", "is empty"), ("\n\n", "no rows"), ('[{"a": 1}]', "no line that is a JSON object")],
)
def test_what_holds_no_objects_is_refused(load, content, what):
    with pytest.raises(VertikitError, match=what):
        load(content)


def test_pretty_printed_json_is_refused_with_the_cure(load):
    with pytest.raises(VertikitError, match="no line that is a JSON object") as error:
        load('[\n {\n  "a": 1\n }\n]', "notes.json")
    assert "jq" in error.value.do
