"""From what the user named to row files: the loader for each source, and names to tell sources apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.contracts import Loaded, Loader
from vertikit.errors import UsageError, VertikitError, nearest
from vertikit.prepare.row_file import as_text, row_schema, string_batches, write_rows
from vertikit.registry import Registry
from vertikit.task import Task

if TYPE_CHECKING:
    from vertikit.prepare.prepared import InMemory, Source

IN_MEMORY = "rows in memory"
LONGEST_PART = 80
"""Signs of a statement in the name of a source."""

# A password may hold any sign, so it goes on to the last @, or to the last before a statement. What is hidden
# already stays as it is, or a message would lose more with every pass.
_PASSWORD = re.compile(
    r"(?<=://)([^/:]*):(?!\*\*\*@)(?:(?!#\s*(?:select|with)\s).)*@", re.IGNORECASE | re.DOTALL
)
_SECRET = re.compile(
    r"([?&][^=&#]*(?:pass|pwd|token|secret|credential|access_?key|api_?key|odbc_connect)[^=&#]*=)(?!\*\*\*)[^&#]*",
    re.IGNORECASE,
)


def shown(text: str) -> str:
    """A source, or a message that quotes one, as it may be shown: the passwords of URLs are ***."""
    return _SECRET.sub(r"\1***", _PASSWORD.sub(r"\1:***@", text)) if "://" in text else text


def load_source(source: Source, task: Task, registry: Registry, folder: Path) -> Loaded:
    """The rows of one source in a row file under `folder`; VertikitError where there is none."""
    folder.mkdir()
    if not isinstance(source, str):
        return _load_in_memory(source, task, folder)
    loader = loader_of(source, task, registry)
    with failing_in_a_line(source):
        loaded = loader.load(source, folder)
    return replace(loaded, bad=tuple(sorted(loaded.bad, key=lambda bad: bad.row)))


def loader_of(source: str, task: Task, registry: Registry) -> Loader:
    """What reads a source; VertikitError where nothing does, or there is no such file, or nothing in it."""
    loader = _loader(source, registry, {column.modality for column in task.inputs})
    if "://" not in source and not Path(source).is_dir():
        _check_file(file_of(source))
    return loader


@contextmanager
def failing_in_a_line(source: str) -> Iterator[None]:
    """Errors of a loader in one line. Libraries quote the row they stumble over, and that may be private: only the kind
    of error is told."""
    try:
        yield
    except VertikitError:
        raise
    except Exception as error:
        kind = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
        raise VertikitError(
            f"{shown(source)} cannot be read ({kind}).",
            "Check the file; --traceback shows where its loader failed.",
        ) from error


def folder_of(source: Source) -> str:
    """The folder of a file; "" for what is none."""
    return str(Path(source).parent) if isinstance(source, str) and "://" not in source else ""


def file_of(source: str) -> Path:
    """Of `stacks.npz#train`, which names a part of a file, the file."""
    path = Path(source)
    return path if path.exists() or "#" not in source else Path(source.rpartition("#")[0])


def source_names(sources: Sequence[Source]) -> list[str]:
    """A short name for each source: the file's, with as many parent folders as tell it from the others.

    Of a URL, what follows the first # or ? stays with the last part of the path; no password is in it.
    """
    paths = [_parts(source) if isinstance(source, str) else (IN_MEMORY,) for source in sources]
    names = []
    for path in paths:
        depth = 1
        while depth < len(path) and any(other != path and other[-depth:] == path[-depth:] for other in paths):
            depth += 1
        names.append("/".join(path[-depth:]).replace("//", "/"))
    return names


def _parts(source: str) -> tuple[str, ...]:
    if "://" not in source:
        return Path(source.rstrip("/")).parts
    path, *further = re.split(r"(?=[?#])", shown(source), maxsplit=1)
    *folders, last = Path(path.rstrip("/")).parts
    rest = " ".join("".join(further).split())
    if len(rest) > LONGEST_PART:  # statements that select two parts of a table often differ in their ends
        rest = f"{rest[: LONGEST_PART // 2]}…{rest[-LONGEST_PART // 2 :]}"
    return (*folders, last + rest)


def _loader(source: str, registry: Registry, modalities: Collection[str]) -> Loader:
    components = registry.components("loaders")
    for component in components:
        if component.missing():
            continue
        loader: Loader = component.resolve()()
        if loader.reads(source) and getattr(loader, "modality", "") in ("", *modalities):
            return loader
    path = Path(source)
    if "://" not in source and not path.exists():
        raise _no_such_file(path)
    if path.is_dir():
        raise UsageError(
            f"{source} is a folder.",
            f"Name the files in it, or give a folder that holds a data set as hf://{path.resolve()}.",
        )
    readable = "; ".join(
        f"{component.summary} ({component.installing})" if component.missing() else component.summary
        for component in components
    )
    raise UsageError(
        f"nothing here reads {shown(source)}.",
        f"What can be read: {readable or 'nothing: no plugin offers a loader'}.",
    )


def _check_file(path: Path) -> None:
    if not path.exists():
        raise _no_such_file(path)
    if path.is_dir():
        raise UsageError(f"{path} is a folder.", "Name the files in it.")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except OSError as error:
        raise VertikitError(f"{path} cannot be read: {error.strerror}.", "Check who may read it.") from error
    if empty:
        raise VertikitError(f"{path} is empty (0 bytes).", "Export it again, or name another file.")


def _no_such_file(path: Path) -> UsageError:
    if not path.parent.is_dir():
        return UsageError(
            f"{path}: no such file; the folder {path.parent} does not exist.", "Check the path."
        )
    beside = [each.name for each in path.parent.iterdir() if each.is_file()]
    close = nearest(path.name, beside)
    hint = "Did you mean " + " or ".join(str(path.parent / name) for name in close) + "?" if close else ""
    return UsageError(f"{path}: no such file.", hint or "Check the path.")


def _load_in_memory(rows: InMemory, task: Task, folder: Path) -> Loaded:
    """Rows of a DataFrame, dicts, or plain values of the task's one required input."""
    columns, values = _columns_and_values(rows, task)
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        raise UsageError(f"the rows have two columns {twice[0]!r}.", "Rename one of them.")
    path = folder / "rows.arrow"
    numbered = enumerate(([as_text(value) for value in row] for row in values), start=1)
    if not write_rows(path, row_schema(columns), string_batches(columns, numbered)):
        raise VertikitError("no rows were given.", "Give at least one.")
    return Loaded(path, tuple(columns))


def _columns_and_values(rows: InMemory, task: Task) -> tuple[list[str], Iterable[Sequence[Any]]]:
    import pandas as pd

    if isinstance(rows, pd.DataFrame):
        return [str(name) for name in rows.columns], rows.itertuples(index=False, name=None)
    if not isinstance(rows, Sequence):
        raise UsageError(
            f"rows of type {type(rows).__name__} cannot be read.",
            "Give a path, a DataFrame, a list of dicts, or a list of texts.",
        )
    if all(isinstance(row, Mapping) for row in rows):
        records: Sequence[Mapping[str, Any]] = [row for row in rows if isinstance(row, Mapping)]
        names = list(dict.fromkeys(chain.from_iterable(records)))
        return [str(name) for name in names], _picked(records, names)
    required = [column.name for column in task.inputs if column.required]
    if len(required) != 1 or any(isinstance(row, Mapping) for row in rows):
        raise UsageError(
            f"{task.name} cannot tell which column a plain value belongs to.",
            f"Give a list of dicts with the keys {', '.join(required)}.",
        )
    return required, ((row,) for row in rows)


def _picked(records: Sequence[Mapping[str, Any]], names: Sequence[Any]) -> Iterator[list[Any]]:
    return ([record.get(name) for name in names] for record in records)
