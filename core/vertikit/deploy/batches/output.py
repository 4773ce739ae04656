"""The folder of parts: made, held by one process, and without anything half-done."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from vertikit.deploy.batches.answering import WORK
from vertikit.deploy.batches.durable import HALF
from vertikit.deploy.batches.ledger import LEDGER, Ledger, is_finished
from vertikit.deploy.batches.pieces import Piece
from vertikit.errors import UsageError, VertikitError


def begin(output: Path) -> None:
    """Make the folder, or find it as an earlier start left it; UsageError where it holds something else."""
    try:
        if os.path.lexists(output):
            held = {each.name for each in output.iterdir()} if output.is_dir() else {""}
            if LEDGER not in held and held - {WORK, LEDGER + HALF}:
                raise UsageError(
                    f"{output}: exists already, and is no folder of parts.",
                    "Choose another --output, or move it away.",
                )
            if LEDGER in held and is_finished(output):
                raise UsageError(
                    f"{output}: is finished already.", "Choose another --output, or move it away."
                )
        (output / WORK).mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, ValueError) as error:  # a name with a NUL byte is a ValueError
        raise UsageError(
            f"{output}: cannot be written: {getattr(error, 'strerror', None) or error}.",
            "Choose another --output.",
        ) from error


@contextmanager
def alone(output: Path) -> Iterator[None]:
    """Hold the folder as long as this process works in it; UsageError where another one does."""
    try:
        import fcntl
    except ImportError:  # not on this system
        yield
        return
    place = os.open(output / WORK, os.O_RDONLY)
    try:
        try:
            fcntl.flock(place, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
                raise UsageError(
                    f"{output}: another process is at work in it.", "Wait for it, or choose another --output."
                ) from None
        yield
    finally:
        os.close(place)


def clear(output: Path, ledger: Ledger, pieces: Sequence[Piece]) -> None:
    """Take away what the ledger does not know of, which a kill left behind; VertikitError where a part that it knows is
    gone."""
    known = {each.name for each in pieces if each.number in ledger.done}
    for each in (*output.glob("part-*.parquet"), *output.glob(f"*{HALF}"), *(output / WORK).glob(f"*{HALF}")):
        if each.name not in known:
            each.unlink()
    lost = sorted(known - {each.name for each in output.glob("part-*.parquet")})
    if lost:
        raise VertikitError(
            f"{output / lost[0]}: is gone, and the ledger has it as done.",
            "Put it back, or begin anew with another --output.",
        )


def take_back(output: Path) -> None:
    """Leave nothing behind where nothing was done."""
    ledger = output / LEDGER
    if ledger.exists() and ledger.read_bytes().count(b"\n") > 1:
        return
    for each in (*output.glob(f"*{HALF}"), ledger):
        each.unlink(missing_ok=True)
    if not any(output.glob("part-*")):
        shutil.rmtree(output / WORK, ignore_errors=True)
        with suppress(OSError):
            output.rmdir()
