"""Notes on standard error of plugins that are broken or not there, which must not stop what does not need them."""

from __future__ import annotations

import click

from vertikit.errors import did_you_mean
from vertikit.registry import Registry


def note_broken_plugins(known: Registry) -> None:
    """One line a broken plugin: which, why, where to read more; and one a name that no plugin has."""
    for plugin in known.plugins:
        if plugin.state == "broken":
            click.echo(
                f"note: plugin {plugin.name!r} is broken and left out: {plugin.reason} (see `vertikit plugins`)",
                err=True,
            )
    note_unmatched_names(known)


def note_unmatched_names(known: Registry) -> None:
    """One line a name in VERTIKIT_DISABLE or VERTIKIT_LOAD that no plugin has."""
    for variable, name in known.unmatched:
        near = did_you_mean(name, (plugin.name for plugin in known.plugins))
        click.echo(f"note: {variable} names {name!r}, and no plugin is called so. {near}".rstrip(), err=True)
