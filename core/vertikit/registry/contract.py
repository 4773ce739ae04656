"""The contract between the engine and its plugins: its version, what changed, and what goes.

A version is `major.minor`. A minor one adds; a major one takes away what was deprecated for a release before. A plugin
says what it was built for with a line in its module: `vertikit_api = "1.1"`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from vertikit import hookspecs

DECLARATION = "vertikit_api"
"""The attribute of a plugin's module that says which version it was built for."""

Version = tuple[int, int]

_FORM = re.compile(r"(\d{1,4})\.(\d{1,4})")


@dataclass(frozen=True)
class Change:
    """What a version of the contract brought or took away, in one sentence that says what an author has to do."""

    version: Version
    what: str


@dataclass(frozen=True)
class Retired:
    """A hook that goes, or is gone.

    Args:
        since: from which version on it is deprecated: it works, and every use is named.
        gone: the version in which it is no longer called.
        instead: what to write for it, in words.
        family: of components that it registers, where it still does and is named otherwise.
    """

    since: Version
    gone: Version
    instead: str
    family: str = ""


@dataclass(frozen=True)
class Contract:
    """Which hooks there are, and for which plugins.

    Args:
        version: of this engine. oldest: that plugins may be built for.
        changes: by version. retired: name of a hook -> what becomes of it; one that still works is in `specs` too.
        specs: the module or object with the hook specifications.
    """

    version: Version
    oldest: Version
    changes: tuple[Change, ...] = ()
    retired: Mapping[str, Retired] = field(default_factory=dict)
    specs: Any = hookspecs

    def check(self, module: ModuleType | Any) -> str:
        """A note where the plugin says nothing; ValueError where it was built for another contract than this.

        The message tells what has changed between the two.
        """
        declared = getattr(module, DECLARATION, None)
        if declared is None:
            return (
                "does not say which version of the plugin contract it was built for: write "
                f"{DECLARATION} = {shown(self.version)!r} into its module"
            )
        match = _FORM.fullmatch(declared) if isinstance(declared, str) else None
        if match is None:
            raise ValueError(
                f"{DECLARATION} is {declared!r}, and should be a text such as {shown(self.version)!r}"
            )
        built = (int(match[1]), int(match[2]))
        if built > self.version:
            raise TooNewError(
                f"it was built for version {declared} of the plugin contract, and this Vertikit has "
                f"{shown(self.version)}"
            )
        if built < self.oldest:
            since = [each for each in self.changes if built < each.version]
            told = "; ".join(f"{shown(each.version)}: {each.what}" for each in since)
            raise TooOldError(
                f"it was built for version {declared} of the plugin contract, and this Vertikit takes "
                f"{shown(self.oldest)} to {shown(self.version)}" + (f". What changed: {told}" if told else "")
            )
        return ""

    def deprecated(self, hook: str) -> str:
        """What to say of a plugin that implements this hook; "" where it is here to stay."""
        retired = self.retired.get(hook)
        if retired is None:
            return ""
        return (
            f"{hook} is deprecated since version {shown(retired.since)} of the contract and goes with "
            f"{shown(retired.gone)}: {retired.instead}"
        )

    def gone(self, hook: str) -> str:
        """What became of a hook that this engine no longer calls; "" where it never had one of that name."""
        retired = self.retired.get(hook)
        if retired is None or hasattr(self.specs, hook):
            return ""
        return f"{hook} is gone since version {shown(retired.gone)} of the contract: {retired.instead}"

    def family(self, hook: str) -> str:
        """The family of components that a hook registers, or a word that is none."""
        retired = self.retired.get(hook)
        return (retired.family if retired else "") or hook.removeprefix("register_")


class TooNewError(ValueError):
    """A plugin that needs a newer engine."""


class TooOldError(ValueError):
    """A plugin that this engine no longer takes."""


def shown(version: Version) -> str:
    """As an author writes it."""
    return f"{version[0]}.{version[1]}"


CONTRACT = Contract(
    version=(1, 1),
    oldest=(1, 0),
    changes=(
        Change((1, 0), "the first version that is kept"),
        Change((1, 1), "register_commands and run_failed are new; nothing has to be done"),
    ),
)
