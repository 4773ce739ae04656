"""What happens around every verb: errors in one line each, exit statuses, interruption."""

from __future__ import annotations

import errno
import os
import select
import sys
from collections.abc import Sequence

import click

from vertikit.cli.verbs import DEFECT, PipeBroke, vertikit
from vertikit.errors import VertikitError
from vertikit.prepare.sources import shown

INTERRUPTED = 130

_OF_THE_MACHINE = {
    errno.ENOSPC: "Free some space, or write elsewhere.",
    errno.EDQUOT: "Free some space, or write elsewhere.",
    errno.EROFS: "Write elsewhere with --output.",
    errno.EACCES: "Check who may read and write it.",
    errno.EPERM: "Check who may read and write it.",
    errno.ENAMETOOLONG: "Choose a shorter name.",
    errno.EMFILE: "Close other programs, or raise the limit: ulimit -n 4096",
}
"""What the machine refuses wherever it is met, and what to do: no defect of the program."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status: 0, 1 (the work failed), 2 (usage), 130 (Ctrl-C)."""
    arguments, with_traceback = _take_traceback(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        # A sign that the terminal's encoding lacks must not end a run.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        status = vertikit.main(arguments, prog_name="vertikit", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except BaseException as error:
        if isinstance(error, PipeBroke) and isinstance(error.__cause__, BrokenPipeError):
            error = error.__cause__
        if isinstance(error, (BrokenPipeError, SystemExit)) and _reader_is_gone():
            return _end_quietly()
        if with_traceback:
            import traceback

            traceback.print_exception(error)
        return _explain(error)


def _take_traceback(arguments: Sequence[str]) -> tuple[list[str], bool]:
    """`--traceback` is taken wherever it stands, since one types it after a command that failed."""
    taken = list(arguments)
    end = taken.index("--") if "--" in taken else len(taken)
    kept = [each for each in taken[:end] if each != "--traceback"]
    asked = len(kept) < end or os.environ.get("VERTIKIT_TRACEBACK", "") not in ("", "0")
    return kept + taken[end:], asked


def _explain(error: BaseException) -> int:
    """Print what went wrong and what to do on standard error; the exit status."""
    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        cause = error if isinstance(error, KeyboardInterrupt) else error.__cause__
        _say(f"interrupted; {str(cause or '') or 'nothing half-written was left behind'}")
        return INTERRUPTED
    if isinstance(error, VertikitError):
        _say(f"error: {error.what}", *error.details, error.do)
        return error.status
    if isinstance(error, click.UsageError):
        verb = error.ctx.command_path if error.ctx is not None else "vertikit"
        _say(f"error: {error.format_message()}", f"`{verb} --help` shows how it is used.")
        return 2
    if isinstance(error, click.ClickException):
        _say(f"error: {error.format_message()}")
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else int(error.code is not None)
    if not isinstance(error, Exception):
        raise error
    if isinstance(error, OSError) and error.errno in _OF_THE_MACHINE:
        where = f"{_cut(str(error.filename))}: " if error.filename is not None else ""
        _say(f"error: {where}{error.strerror}.", _OF_THE_MACHINE[error.errno])
        return 1
    # Libraries add notes of their own.
    whose = [note for note in getattr(error, "__notes__", ()) if note.startswith(DEFECT)]
    _say(
        f"error: unexpected: {type(error).__name__}: {_cut(str(error))}",
        whose[0] if whose else f"{DEFECT}Vertikit or of a plugin; --traceback shows where.",
    )
    return 1


def _say(first: str, *further: str) -> None:
    # What click or a plugin's loader quotes may be a URL with a password.
    click.echo(
        "\n".join(shown(line) for line in [first, *(f"  {line}" for line in further if line)]), err=True
    )


def _cut(text: str, most: int = 300) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[:most] + "…"


def _reader_is_gone() -> bool:
    """Whether the pipe that broke is standard output (`| head`), and not one of a library's."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), select.POLLERR)
    except (OSError, ValueError):
        return False
    return any(event & select.POLLERR for _, event in poll.poll(0))


def _end_quietly() -> int:
    """What is left in the buffer goes nowhere, or Python would complain when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
