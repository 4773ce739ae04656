"""What can go wrong, said in one line: what and where, then what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class VertikitError(Exception):
    """The work failed for a reason the user can act on.

    `what` says what is wrong and where, `do` what to do next; both are plain text on one line.
    `details` are further lines between them, where several things are wrong at once. The command line
    prints them and ends with `status`.
    """

    status = 1

    def __init__(self, what: str, do: str = "", *, details: Iterable[str] = ()) -> None:
        self.what = " ".join(what.split())
        self.do = " ".join(do.split())
        self.details = tuple(" ".join(line.split()) for line in details)
        lines = [self.what, *(f"  {line}" for line in self.details)]
        super().__init__("\n".join([*lines, self.do]) if self.details else f"{self.what} {self.do}".strip())


class UsageError(VertikitError):
    """The request itself is wrong: an unknown name, a wrong recipe, a missing option."""

    status = 2


def nearest(name: str, known: Iterable[str], count: int = 3) -> list[str]:
    """The names in `known` that look like `name`, best first; case is ignored."""
    folded: dict[str, str] = {}
    for each in known:
        folded.setdefault(each.casefold(), each)
    return [folded[match] for match in get_close_matches(name.casefold(), folded, n=count, cutoff=0.6)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """«Did you mean 'x'?», or the known names where none is near and they are few."""
    known = list(known)
    close = nearest(name, known)
    if close:
        return "Did you mean " + " or ".join(repr(each) for each in close) + "?"
    if known and len(known) <= 20:
        return "Known: " + ", ".join(sorted(known)) + "."
    return ""
