"""`vertikit plugins`: what is installed, what it registers, what is broken and how to mend it; and a new one."""

from __future__ import annotations

from typing import Any

import click

from vertikit.cli.broken import note_unmatched_names
from vertikit.cli.plugins_check import check_plugin
from vertikit.cli.plugins_new import new_plugin
from vertikit.cli.printing import entries, heading, print_json
from vertikit.registry import FAMILIES, PluginRecord, registry
from vertikit.registry.reference import reference


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
@click.pass_context
def plugins(ctx: click.Context, as_json: bool) -> None:
    """List the plugins, whether they work, and what they register."""
    if ctx.invoked_subcommand is None:
        _list(as_json)


@plugins.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list.")
def list_plugins(as_json: bool) -> None:
    """The same."""
    _list(as_json)


@plugins.command("hooks")
def hooks() -> None:
    """Print the page on all hooks, with an example of each."""
    click.echo(reference(), nl=False)


plugins.add_command(new_plugin)
plugins.add_command(check_plugin)


def _list(as_json: bool) -> None:
    known = registry()
    note_unmatched_names(known)
    records = known.plugins
    if as_json:
        print_json([_as_json(record) for record in records])
        return
    if not records:
        click.echo("No plugin is installed: nothing has an entry point of group 'vertikit'.")
    for number, record in enumerate(records):
        if number:
            click.echo()
        heading(f"{record.name}  {record.state}")
        rows = [("from", f"{record.distribution} {record.version}")]
        if record.reason:
            rows.append(("why", record.reason))
        if record.cure:
            rows.append(("cure", record.cure))
        rows += [("note", note) for note in record.notes]
        rows += [(family, ", ".join(names)) for family, names in _registered(record).items()]
        entries(rows)


def _registered(record: PluginRecord) -> dict[str, list[str]]:
    names = {
        family: [_marked(each.name, each.missing()) for each in record.registers if each.family == family]
        for family in FAMILIES
    }
    return {family: members for family, members in names.items() if members}


def _marked(name: str, missing: tuple[str, ...]) -> str:
    return f"{name} (needs {', '.join(missing)})" if missing else name


def _as_json(record: PluginRecord) -> dict[str, Any]:
    registers: dict[str, list[dict[str, Any]]] = {}
    for each in record.registers:
        registers.setdefault(each.family, []).append(
            {
                "name": each.name,
                "summary": each.summary,
                "requires": list(each.requires),
                "missing": list(each.missing()),
            }
        )
    return {
        "name": record.name,
        "version": record.version,
        "distribution": record.distribution,
        "state": record.state,
        "reason": record.reason,
        "cure": record.cure,
        "notes": list(record.notes),
        "seconds": round(record.seconds, 4),
        "registers": registers,
    }
