"""The group of all verbs, ours and those of plugins, each imported when it is typed."""

from __future__ import annotations

import importlib

import click

from vertikit import __version__
from vertikit.errors import VertikitError, did_you_mean
from vertikit.own_verbs import SECTIONS
from vertikit.registry import Component, registry

DEFECT = "This is a defect of "
"""How a note on an unexpected error begins that says whose it is."""


class PipeBroke(Exception):  # noqa: N818 -- it names what happened
    """A BrokenPipeError, kept from click, which would end in silence whatever pipe it was."""


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise PipeBroke from error
        except Exception as error:
            verb = ctx.invoked_subcommand or ""
            ours = any(verb in verbs for verbs in SECTIONS.values())
            offered = None if ours else registry().find("commands", verb)
            if offered is not None:
                error.add_note(f"{DEFECT}plugin {offered.plugin!r}; --traceback shows where.")
            raise

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [*(name for verbs in SECTIONS.values() for name in verbs), *registry().names("commands")]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for verbs in SECTIONS.values():
            if cmd_name in verbs:
                module, _, name = verbs[cmd_name].path.partition(":")
                command: click.Command = getattr(importlib.import_module(module), name)
                return command
        offered = registry().find("commands", cmd_name)
        return None if offered is None else verb_of(offered)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            hint = did_you_mean(args[0], self.list_commands(ctx))
            raise click.UsageError(f"there is no verb {args[0]!r}. {hint}".strip(), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        for title, verbs in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, verb.help) for name, verb in verbs.items()])
        further = registry().components("commands")
        if further:
            with formatter.section("Of plugins"):
                formatter.write_dl([(each.name, f"{each.summary} ({each.plugin})") for each in further])


def verb_of(component: Component) -> click.Command:
    """The command that a plugin offers, imported; VertikitError where it is none."""
    found = component.resolve()
    if not isinstance(found, click.Command):
        raise VertikitError(
            f"plugin {component.plugin!r} offers the verb {component.name!r}, and {component.factory} is no "
            "click.Command.",
            f"Mend or update the plugin, or leave it out with VERTIKIT_DISABLE={component.plugin}.",
        )
    return found


@click.group(cls=Verbs, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="vertikit %(version)s")
@click.option(
    "--traceback",
    is_flag=True,
    expose_value=False,
    help="Show where an error arose (also VERTIKIT_TRACEBACK=1).",
)
@click.pass_context
def vertikit(ctx: click.Context) -> None:
    """Adapts foundation models to the trades, and says honestly how good the result is.

    Start with `vertikit tasks`, or with `vertikit demo`.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())
