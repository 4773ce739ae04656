"""The options of every verb that reads data, and what they come to: `Sources`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from vertikit.errors import UsageError
from vertikit.prepare.prepared import Sources
from vertikit.prepare.sources import shown

Command = TypeVar("Command", bound=Callable[..., Any])

_NAMED = re.compile(r"([A-Za-z][\w-]*)=(.+)", re.DOTALL)
_TAKEN = frozenset({"train", "valid"})

WHERE = "a file (CSV, TSV, JSON lines, Parquet; gzip of these), hf://owner/name, or sqlite:///FILE#TABLE"


class DataCommand(click.Command):
    """A verb whose `--data`, `--valid` and `--test` take all names that follow, as `--data notes/*.csv` gives them.

    Without this, the second file of `--test parts/*.csv` would be taken for rows to train on.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, list(_one_name_each(args)))


def _one_name_each(arguments: Sequence[str]) -> Iterator[str]:
    """`--data a b --test x=c d` -> `--data a --data b --test x=c --test x=d`."""
    option, label = "", ""
    for at, argument in enumerate(arguments):
        if argument == "--":
            yield from arguments[at:]
            return
        if argument.startswith("-") and argument != "-":
            option, sign, value = argument.partition("=")
            label = ""
            if option not in ("--data", "--valid", "--test"):
                option = ""
            elif not sign:
                continue
            else:
                argument = value
        if not option:
            yield argument
            continue
        match = _NAMED.fullmatch(argument) if option == "--test" else None
        if match is not None:
            label = f"{match[1]}="
        yield option
        yield argument if match is not None else label + argument


def column_options(command: Command) -> Command:
    """`--map`, `--drop` and `--root`."""
    for option in (
        click.option(
            "--root",
            default="",
            metavar="FOLDER_OR_ARCHIVE",
            help="Where files lie that the rows name; by default beside the first file of rows.",
        ),
        click.option("--drop", multiple=True, metavar="COLUMN", help="A column that is not to be used."),
        click.option(
            "--map",
            "mapping",
            multiple=True,
            metavar="ROLE=COLUMN",
            help="The task's column ROLE is called COLUMN in the data.",
        ),
    ):
        command = option(command)
    return command


def part_options(command: Command) -> Command:
    """`--data`, `--valid`, `--test`, `--map`, `--drop`, `--root` and `--type`."""
    command = column_options(command)
    for option in (
        click.option(
            "--type",
            "types",
            multiple=True,
            metavar="COLUMN=TYPE",
            help="A further column is a number, category or timestamp, or none.",
        ),
        click.option(
            "--test",
            "tests",
            multiple=True,
            metavar="[NAME=]DATA",
            help="Rows to test on; with a NAME, a further test of its own.",
        ),
        click.option("--valid", multiple=True, metavar="DATA", help="Rows to choose settings on."),
        click.option("--data", multiple=True, metavar="DATA", help=f"The rows: {WHERE}. May be repeated."),
    ):
        command = option(command)
    return command


def read_sources(
    data: Sequence[str],
    mapping: Sequence[str],
    drop: Sequence[str],
    *,
    valid: Sequence[str] = (),
    tests: Sequence[str] = (),
    types: Sequence[str] = (),
    root: str = "",
) -> Sources:
    """What was typed, taken apart; UsageError where it is malformed. Files are not looked at."""
    if not data:
        raise UsageError("no data is given.", f"Name {WHERE}: --data DATA.")
    for option, values in (("--data", data), ("--valid", valid), ("--drop", drop)):
        if not all(value.strip() for value in values):
            raise UsageError(f"an empty name is given to {option}.", "Leave it out, or name something.")
    named: dict[str, tuple[str, ...]] = {}
    for test in tests:
        name, source = _test(test)
        named[name] = (*named.get(name, ()), source)
    return Sources(
        data=tuple(data),
        valid=tuple(valid),
        tests=named,
        mapping=read_mapping(mapping),
        drop=tuple(dict.fromkeys(drop)),
        types=dict(_typed(each) for each in types),
        root=root,
    )


def read_mapping(mapping: Sequence[str]) -> dict[str, str]:
    """`("text=note", ...)` -> `{"text": "note"}`."""
    roles: dict[str, str] = {}
    for each in mapping:
        role, sign, column = each.partition("=")
        role = role.strip()
        if not (sign and role and column.strip()):
            raise UsageError(
                f"--map {each!r} is not of the form ROLE=COLUMN.",
                "ROLE is the task's name for a column (`vertikit show TASK`), COLUMN the one in your file.",
            )
        if roles.get(role, column) != column:
            raise UsageError(
                f"--map gives {role!r} two columns, {roles[role]!r} and {column!r}.", "Keep one."
            )
        roles[role] = column
    return roles


def _typed(text: str) -> tuple[str, str]:
    column, sign, kind = text.rpartition("=")
    if not (sign and column.strip() and kind.strip()):
        raise UsageError(
            f"--type {text!r} is not of the form COLUMN=TYPE.", "For instance: --type zip=category"
        )
    return column, kind.strip()


def _test(text: str) -> tuple[str, str]:
    """The name of a test part ("test" where it has none of its own) and its source."""
    match = _NAMED.fullmatch(text)
    if match is None or ("://" not in text and Path(text).exists()):
        if not text.strip() or text.startswith("="):
            raise UsageError(
                f"--test {shown(text)!r} is not of the form [NAME=]DATA.", "For instance: --test other=b.csv"
            )
        return "test", text
    name, source = match.groups()
    if name in _TAKEN:
        raise UsageError(
            f"--test {shown(text)}: {name!r} is the name of another part.", "Choose another name."
        )
    return name, source
