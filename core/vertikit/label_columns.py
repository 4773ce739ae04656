"""Targets of several findings at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from vertikit.columns import Column, Role, is_missing

if TYPE_CHECKING:
    from vertikit.outcome import Outcome

YES = frozenset({"1", "1.0", "yes", "true", "y", "positive", "present", "+"})
NO = frozenset({"0", "0.0", "no", "false", "n", "negative", "absent", "-"})
UNKNOWN = frozenset({"-1", "-1.0", "u", "uncertain", "unknown", "?"})
NONE = frozenset({"no finding", "none", "normal", "no_finding", "nofinding"})


@dataclass(frozen=True)
class Labels(Column):
    """A target of several findings, each of which is there, is not, or is not known.

    Of a file it is several columns of yes and no, named after the findings (`--map findings=Edema+Effusion`), where
    what is empty or uncertain is not known; or one column of names (`Edema|Effusion`, or "No Finding"), where what
    is not named is not there. The value is text: `+Edema|-Effusion`, with `*` where all others are not there.
    """

    role: ClassVar[Role] = "target"
    several: str = "|"  # type: ignore[misc]
    names_pieces: ClassVar[bool] = True

    def parse(self, raw: str) -> str:
        found: dict[str, bool] = {}
        named = "=" not in raw
        for piece in raw.split(self.several):
            name, _, value = piece.partition("=")
            name, value = " ".join(name.split()), value.strip().casefold()
            if "\x00" in name or len(name) > 200:
                raise ValueError("holds a name that is none")
            if named:
                if name and name.casefold() not in NONE:
                    found[name] = True
            elif value in YES:
                found[name] = True
            elif value in NO:
                found[name] = False
            elif value and value not in UNKNOWN and not is_missing(value):
                raise ValueError(f"says something of {name!r} that is neither yes nor no")
        signed = sorted(f"{'+' if there else '-'}{name}" for name, there in found.items())
        if not signed and not named:
            return ""
        return "|".join(["*", *signed] if named else signed)

    def outcome(self, values: Sequence[Any]) -> Outcome:  # noqa: ARG002
        from vertikit.outcome.findings import Findings

        return Findings()
