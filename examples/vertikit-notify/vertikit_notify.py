"""Tells a command of the user's when a training is over."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from typing import Any

import click

from vertikit import Run, VertikitError, hookimpl
from vertikit.hookspecs import Register

vertikit_api = "1.1"

VARIABLE = "VERTIKIT_NOTIFY"
SECONDS = 30


def send(**message: Any) -> bool:
    """Give the user's command a message as JSON; whether there is one. VertikitError where it fails."""
    command = shlex.split(os.environ.get(VARIABLE, ""))
    if not command:
        return False
    try:
        subprocess.run(
            command, input=json.dumps(message), text=True, check=True, timeout=SECONDS, capture_output=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise VertikitError(f"the command in {VARIABLE} failed: {error}", "Try it by hand.") from error
    return True


@hookimpl
def run_finished(run: Run) -> None:
    send(ended="finished", task=run.task.name, folder=str(run.folder), verdict=run.verdict)


@hookimpl
def run_failed(run: Run, error: BaseException) -> None:
    ended = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
    send(ended=ended, task=run.task.name, folder=str(run.folder), error=str(error))


@hookimpl
def register_commands(register: Register) -> None:
    register("notify-test", "vertikit_notify:notify_test", summary="Send a message to see that it arrives.")


@click.command()
def notify_test() -> None:
    """Send a message to the command in VERTIKIT_NOTIFY."""
    if not send(ended="test"):
        raise VertikitError(
            f"{VARIABLE} is not set.", "Set it to a command that takes JSON on standard input."
        )
    click.echo("sent")
