"""What a loader has to keep to (`vertikit.contracts.Loader`).

What a source is, its author's example says: a function of (folder, rows) that writes those rows, a list of dicts of
text, and gives the source as `--data` takes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vertikit.contracts import Loaded, RangeLoader
from vertikit.errors import VertikitError
from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

ROWS = [
    {"text": "plain", "number": "1", "note": "x"},
    {"text": "with, a comma; and a\ttab", "number": "-2.5", "note": 'a "quoted" word'},
    {"text": "Größe 日本 ½", "number": "1e3", "note": "two words"},
    {"text": " spaces around ", "number": "007", "note": "0"},
]
"""Every cell holds something: formats differ in how they write nothing."""
MORE = [{"text": f"row {at}", "number": str(at), "note": "n"} for at in range(50)]


def _source(subject: Subject, rows: list[dict[str, str]], folder: str = "source") -> str:
    place = subject.folder / folder
    place.mkdir()
    return str(subject.writer(place, [dict(row) for row in rows]))


def _loaded(subject: Subject, source: str, folder: str = "loaded") -> Loaded:
    place = subject.folder / folder
    place.mkdir()
    found: Loaded = subject.make().load(source, place)
    return found


def _table(loaded: Loaded) -> Any:
    import pyarrow as pa

    with pa.memory_map(str(loaded.path)) as source, pa.ipc.open_stream(source) as reader:
        return reader.read_all()


@check("loaders", "reads")
def reads(subject: Subject) -> None:
    """It takes its own source, and none of a name that nobody has."""
    loader = subject.make()
    expect(not loader.reads("rows.no-such-ending"), "it takes rows.no-such-ending")
    expect(loader.reads(_source(subject, ROWS)), "it does not take what its own example writes")


@check("loaders", "rows")
def rows(subject: Subject) -> None:
    """Every row is there, in order, every cell as text, under its number from 1."""
    for name, wanted in (("few", ROWS), ("many", MORE)):
        loaded = _loaded(subject, _source(subject, wanted, f"{name}-source"), name)
        expect(
            not loaded.bad,
            f"{len(loaded.bad)} rows are called bad: {loaded.bad[0].reason if loaded.bad else ''}",
        )
        table = _table(loaded)
        kinds = {str(table.schema.field(each).type) for each in loaded.columns}
        expect(kinds <= {"string", "large_string"}, f"columns are {', '.join(sorted(kinds))}, and not text")
        numbers = table.column("_row").to_pylist()
        expect(
            numbers == list(range(1, len(wanted) + 1)), f"{len(wanted)} rows have the numbers {numbers[:5]}"
        )
        found = table.select(list(wanted[0])).to_pylist()
        for at, (row, own) in enumerate(zip(wanted, found, strict=True)):
            away = [key for key in row if row[key].strip() != str(own[key]).strip()]
            expect(not away, f"row {at + 1}: {row[away[0]]!r} is read as {own[away[0]]!r}" if away else "")


@check("loaders", "not there")
def not_there(subject: Subject) -> None:
    """A source that is not there is an error of the kit's own kind."""
    source = _source(subject, ROWS)
    for each in Path(subject.folder / "source").rglob("*"):
        if each.is_file():
            each.unlink()
    _refused(subject, source, "a source that is not there")


@check("loaders", "damaged")
def damaged(subject: Subject) -> None:
    """A file of noise is an error of the kit's own kind, or its rows are bad ones."""
    source = _source(subject, ROWS)
    files = [each for each in Path(subject.folder / "source").rglob("*") if each.is_file()]
    if not files:
        raise NotApplicable("its example writes no file")
    for each in files:
        each.write_bytes(bytes((at * 37 + 200) % 256 for at in range(600)))
    try:
        loaded = _loaded(subject, source)
    except VertikitError:
        return
    except Exception as error:
        raise Failed(f"noise raises {type(error).__name__}: {error}; raise VertikitError") from error
    expect(loaded.bad or not _table(loaded).num_rows, "noise is read as rows")


def _refused(subject: Subject, source: str, told: str) -> None:
    try:
        _loaded(subject, source)
    except VertikitError:
        return
    except Exception as error:
        raise Failed(f"{told} raises {type(error).__name__}: {error}; raise VertikitError") from error
    raise Failed(f"{told} is read without a word")


@check("loaders", "ranges")
def ranges(subject: Subject) -> None:
    """Rows that are found where they lie are those of the whole."""
    loader = subject.make()
    if not isinstance(loader, RangeLoader):
        raise NotApplicable("it reads a source as a whole")
    source = _source(subject, MORE)
    names, count = loader.outline(source)
    expect(count == len(MORE), f"it counts {count} rows of {len(MORE)}")
    expect(set(MORE[0]) <= set(names), f"columns are {', '.join(names)}")
    found = [row for batch in loader.rows(source, 7, 31, 5) for row in batch.to_pylist()]
    expect([row["_row"] for row in found] == list(range(8, 32)), "rows 8 to 31 are others")
    expect(
        [str(row["text"]) for row in found] == [row["text"] for row in MORE[7:31]], "their cells are others"
    )
    sizes = [batch.num_rows for batch in loader.rows(source, 7, 31, 5)]
    expect(max(sizes) <= 5, f"a batch has {max(sizes)} rows, and 5 were asked for")


CHECKS = (built("loaders", ("reads", "load")), reads, rows, not_there, damaged, ranges, refuses("loaders"))
