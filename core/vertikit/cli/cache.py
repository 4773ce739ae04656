"""`vertikit cache`: the features of frozen encoders that are kept on disk."""

from __future__ import annotations

import click

from vertikit.cli.printing import print_json


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def cache(ctx: click.Context, as_json: bool) -> None:
    """Show where computed features are kept, and how much they take."""
    if ctx.invoked_subcommand is not None:
        return
    from vertikit.adapt.feature_cache import cache_folder, cache_size

    folder, size = cache_folder(), cache_size()
    if as_json:
        print_json({"folder": str(folder), "bytes": size})
    else:
        click.echo(f"{folder}  {readable(size)}")


@cache.command()
def clear() -> None:
    """Remove all computed features; runs stay as they are."""
    from vertikit.adapt.feature_cache import clear_cache

    click.echo(f"{readable(clear_cache())} freed")


def readable(size: int) -> str:
    """A count of bytes in the unit that suits it."""
    amount = float(size)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
