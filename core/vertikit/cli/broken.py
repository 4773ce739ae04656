"""A note on standard error that some plugin is broken, which must not stop what does not need it."""

from __future__ import annotations

import click

from vertikit.registry import Registry


def note_broken_plugins(known: Registry) -> None:
    """One line a broken plugin: which, why, where to read more."""
    for plugin in known.plugins:
        if plugin.state == "broken":
            click.echo(
                f"note: plugin {plugin.name!r} is broken and left out: {plugin.reason} (see `vertikit plugins`)",
                err=True,
            )
