"""Which column of a file is which column of the task: by `--map`, else by name; never by guess."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vertikit.columns import Column
from vertikit.errors import UsageError, did_you_mean, nearest
from vertikit.task import Task


@dataclass(frozen=True)
class Matched:
    """The columns of one file.

    Args:
        columns: the task's column name -> the file's.
        unused: the file's columns that nothing reads, in its order, dropped ones left out.
        hints: sentences on unused columns that look like an optional one of the task.
    """

    columns: Mapping[str, str]
    unused: tuple[str, ...]
    hints: tuple[str, ...]


def check_mapping(task: Task, mapping: Mapping[str, str]) -> None:
    """UsageError where `--map` names an unknown column of the task, or one file column twice."""
    names = [column.name for column in task.columns]
    for role, column in mapping.items():
        if role not in names:
            raise UsageError(
                f"--map {role}={column}: {task.name} has no column {role!r}.", did_you_mean(role, names)
            )
    for column in set(mapping.values()):
        roles = [role for role, each in mapping.items() if each == column]
        if len(roles) > 1:
            raise UsageError(
                f"the column {column!r} is mapped to {' and to '.join(roles)}.", "Map it to one of them."
            )


def check_drop(drop: Sequence[str], columns: Iterable[str]) -> None:
    """UsageError where `--drop` names a column that none of the files has."""
    columns = list(dict.fromkeys(columns))
    for name in drop:
        if _find(name, columns) is None:
            raise UsageError(f"--drop {name}: the data has no such column.", did_you_mean(name, columns))


def match_columns(
    task: Task,
    source: str,
    columns: Sequence[str],
    mapping: Mapping[str, str],
    drop: Sequence[str],
    *,
    targets: bool,
    remembered: bool,
) -> Matched:
    """Find the task's columns among a file's; UsageError where a required one is missing.

    Args:
        source: the file's name for messages.
        mapping: the task's column name -> the file's; other columns are found by their own name, case aside.
        targets: whether a missing target is an error.
        remembered: the mapping was made for other files, so a column bearing the task's own name does as well.
    """
    dropped = {_find(name, columns) for name in drop}
    offered = [name for name in columns if name not in dropped]
    found: dict[str, str] = {}
    for role, wanted in mapping.items():
        place = _find(wanted, offered) or _several(task.column(role), wanted, offered)
        if place is None and remembered:
            place = _find(role, offered)
        needed = not remembered or _needed(task.column(role), targets)
        if place is not None:
            found[role] = place
        elif wanted in dropped:
            raise UsageError(f"the column {wanted!r} is mapped to {role} and dropped.", "Do one of the two.")
        elif needed:
            raise UsageError(
                f"--map {role}={wanted}: {source} has no column {wanted!r}.", did_you_mean(wanted, offered)
            )
    taken = {piece for place in found.values() for piece in pieces(place, columns)}
    for column in task.columns:
        free = [name for name in offered if name not in taken]
        if column.name not in mapping and (place := _find(column.name, free, source)) is not None:
            found[column.name] = place
            taken.add(place)
    unused = tuple(name for name in offered if name not in taken)
    missing = [column for column in task.columns if column.name not in found and _needed(column, targets)]
    for column in missing:
        place = _find(column.name, columns)
        if place is not None:
            used = next((role for role, name in found.items() if name == place), None)
            why = "dropped" if used is None else f"mapped to {used}"
            raise UsageError(
                f"{source}: the column {place!r} is {why}, and {column.name} needs one.",
                f"Name another for one of the two: --map {column.name}=COLUMN",
            )
    if missing:
        raise _missing(missing, source, columns, unused)
    hints = tuple(
        _hint(column, name)
        for column in task.columns
        if column.name not in found
        for name in unused
        if _looks_like(name, column)
    )
    return Matched(found, unused, hints)


def _needed(column: Column, targets: bool) -> bool:
    return column.required and (targets or column.role != "target")


def pieces(place: str, columns: Sequence[str]) -> list[str]:
    """The columns of a file that a place names: one, or several joined by "+"."""
    return [place] if place in columns else place.split("+")


def _several(column: Column, wanted: str, offered: Sequence[str]) -> str | None:
    """Several columns, where that column of the task may have them and each is there."""
    found = [_find(piece, offered) for piece in wanted.split("+")]
    return "+".join(map(str, found)) if column.several and len(found) > 1 and None not in found else None


def _find(name: str, columns: Sequence[str], source: str = "") -> str | None:
    """The column of that name, exactly, else with case and outer space aside."""
    if name in columns:
        return name
    alike = [column for column in columns if column.strip().casefold() == name.strip().casefold()]
    if len(alike) > 1 and source:
        raise UsageError(
            f"{source}: both {alike[0]!r} and {alike[1]!r} could be the column {name!r}.",
            f"Choose one: --map {name}={alike[0]}",
        )
    return alike[0] if len(alike) == 1 else None


def _missing(
    missing: Sequence[Column], source: str, columns: Sequence[str], unused: Sequence[str]
) -> UsageError:
    named = " and no column ".join(repr(column.name) for column in missing)
    known = ", ".join(columns[:20]) + (", …" if len(columns) > 20 else "")
    likely = {column.name: _likely(column, unused) for column in missing}
    options = " ".join(f"--map {name}={_quoted(column or 'COLUMN')}" for name, column in likely.items())
    if all(likely.values()):
        do = f"Did you mean {options}?"
    else:
        meanings = "; ".join(f"{column.name}: {column.help}" for column in missing if column.help)
        do = f"Name the right {'ones' if len(missing) > 1 else 'one'}: {options}" + f" ({meanings})" * bool(
            meanings
        )
    return UsageError(f"{source} has no column {named}; its columns are: {known}.", do)


def _likely(column: Column, unused: Sequence[str]) -> str | None:
    """The unused column that a missing one could be: by an alias, a near name, or a word in common."""
    words = {word for name in (column.name, *column.aliases) for word in _plain(name).split("_")}
    alike = [
        *(name for name in unused if _looks_like(name, column)),
        *nearest(column.name, unused, count=1),
        *(name for name in unused if words & set(_plain(name).split("_"))),
    ]
    return alike[0] if alike else None


def _hint(column: Column, name: str) -> str:
    reason = {
        "group": f"to keep the rows of a {column.name} together",
        "sensitive": f"to see results by {column.name}",
        "id": "to have it beside each prediction",
        "target": "to judge by it",
    }.get(column.role, "to use it")
    return f"column {name!r} looks like {column.name!r}: add --map {column.name}={_quoted(name)} {reason}"


def _looks_like(name: str, column: Column) -> bool:
    return _plain(name) in {_plain(each) for each in (column.name, *column.aliases)}


def _plain(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())


def _quoted(name: str) -> str:
    return f'"{name}"' if any(sign.isspace() for sign in name) else name
