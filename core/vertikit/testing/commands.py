"""What a verb of the command line has to keep to: a `click.Command` that says what it does."""

from __future__ import annotations

from typing import Any

import click

from vertikit.testing.check import check, expect
from vertikit.testing.subject import Subject


def _verb(subject: Subject) -> click.Command:
    found: Any = subject.factory
    expect(isinstance(found, click.Command), f"it is {type(found).__name__}, and no click.Command")
    assert isinstance(found, click.Command)
    return found


@check("commands", "command")
def command(subject: Subject) -> None:
    """It is a click.Command, and what it takes has names."""
    names = [each.name for each in _verb(subject).params]
    expect(
        all(names) and len(names) == len(set(names)), "two of its parameters have one name, or one has none"
    )


@check("commands", "help")
def help_(subject: Subject) -> None:
    """Asked for help, it says what it does and what each option is, and does nothing."""
    from click.testing import CliRunner

    verb = _verb(subject)
    expect((verb.help or verb.short_help or "").strip(), "it does not say what it does")
    for each in verb.params:
        told = not isinstance(each, click.Option) or each.hidden or each.help
        expect(told, f"option {each.name} is not explained")
    done = CliRunner().invoke(verb, ["--help"])
    expect(done.exit_code == 0, f"--help ends with status {done.exit_code}: {done.exception}")


@check("commands", "misspelt")
def misspelt(subject: Subject) -> None:
    """An option that there is not is refused with status 2."""
    from click.testing import CliRunner

    done = CliRunner().invoke(_verb(subject), ["--no-such-option-of-any"])
    expect(done.exit_code == 2, f"it ends with status {done.exit_code}")


CHECKS = (command, help_, misspelt)
