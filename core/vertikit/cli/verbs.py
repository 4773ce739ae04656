"""The verbs by name, so that `--help` lists them without importing any."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click

from vertikit import __version__
from vertikit.errors import did_you_mean


@dataclass(frozen=True)
class Verb:
    """Where a verb's command lies, `module:name`, and its line in `--help`."""

    path: str
    help: str


SECTIONS: Mapping[str, Mapping[str, Verb]] = {
    "Look around": {
        "tasks": Verb("vertikit.cli.tasks:tasks", "List what can be done, by trade."),
        "show": Verb("vertikit.cli.show:show", "Explain a task or a component."),
        "demo": Verb("vertikit.cli.demo:demo", "Try a task on its sample data, from rows to report."),
        "sample": Verb("vertikit.cli.sample:sample", "Write a task's sample data to a file."),
    },
    "Work": {
        "check": Verb("vertikit.cli.check:check", "Look into data without training: rows, leaks, the split."),
        "select": Verb("vertikit.cli.select:select", "Rank foundation models for a task on your rows."),
        "tune": Verb("vertikit.cli.tune:tune", "Try settings of the recipe, judged by validation rows."),
        "train": Verb("vertikit.cli.train:train", "Adapt a model to your data and judge it."),
        "compress": Verb("vertikit.cli.compress:compress", "Make a run smaller or quicker, within a budget."),
        "transfer": Verb(
            "vertikit.cli.transfer:transfer", "See what runs are worth as a start for other tasks."
        ),
        "distill": Verb("vertikit.cli.distill:distill", "Train a small student of a run."),
        "evaluate": Verb("vertikit.cli.evaluate:evaluate", "Judge a run on further data."),
        "predict": Verb("vertikit.cli.predict:predict", "Answer new rows with a run."),
        "export": Verb("vertikit.cli.export:export", "Write a run as a folder that answers without the kit."),
        "serve": Verb("vertikit.cli.serve:serve", "Answer over HTTP, with a page to try runs."),
    },
    "Runs": {
        "runs": Verb("vertikit.cli.runs:runs", "List the runs in a folder."),
        "compare": Verb("vertikit.cli.compare:compare", "Put runs side by side."),
        "explain": Verb(
            "vertikit.cli.explain:explain", "Show what training changed, and why rows got answers."
        ),
        "watch": Verb("vertikit.cli.watch:watch", "See whether inputs, answers or quality have moved."),
        "report": Verb("vertikit.cli.report:report", "Write a run's report anew."),
        "cache": Verb("vertikit.cli.cache:cache", "Show or clear the features kept on disk."),
    },
    "Plugins": {
        "plugins": Verb("vertikit.cli.plugins:plugins", "List the plugins and what they register."),
    },
}


class PipeBroke(Exception):  # noqa: N818 -- it names what happened
    """A BrokenPipeError, kept from click, which would end in silence whatever pipe it was."""


class Verbs(click.Group):
    """A group whose commands are imported when they are called."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise PipeBroke from error

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return [name for verbs in SECTIONS.values() for name in verbs]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        for verbs in SECTIONS.values():
            if cmd_name in verbs:
                module, _, name = verbs[cmd_name].path.partition(":")
                command: click.Command = getattr(importlib.import_module(module), name)
                return command
        return None

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
