"""What a search for the best model within a budget may try: the ladders of the compressors, rung by rung."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vertikit.registry import Registry


def candidates(names: Sequence[str], registry: Registry) -> list[list[dict[str, Any]]]:
    """Lists of steps, each a name with its options, from gentle to hard.

    Of the compressors named (of all that are installed, where none is), those that take nothing away are in every
    candidate, the gentler rung of their ladder first; those that do, each by itself, and, where the user has named
    several, all of them together, rung by rung.
    """
    known = {each.name: each for each in registry.components("compressors") if names or not each.missing()}
    kinds = {name: registry.get("compressors", name).resolve() for name in names or known}
    kinds = {name: kind for name, kind in kinds.items() if names or kind.ladder}
    hard = [name for name, kind in kinds.items() if kind.trains]
    last = [name for name, kind in kinds.items() if kind.last]
    free = [name for name in kinds if name not in hard and name not in last]
    groups: list[list[str]] = [[], *([hard] if names and hard else [[name] for name in hard])]
    found: list[list[dict[str, Any]]] = []
    for group in groups:
        for rungs in _rungs(kinds, group):
            for gentle in (0, -1):
                steps = [
                    *({"name": name, **_at(kinds[name], gentle)} for name in free),
                    *rungs,
                    *({"name": name, **_at(kinds[name], 0)} for name in last[:1]),
                ]
                if steps and steps not in found:
                    found.append(steps)
    return found


def _at(kind: Any, rung: int) -> Mapping[str, Any]:
    """The options of that rung of a ladder, or of its end."""
    options: Mapping[str, Any] = kind.ladder[max(-1, min(rung, len(kind.ladder) - 1))] if kind.ladder else {}
    return options


def _rungs(kinds: dict[str, Any], group: Sequence[str]) -> Iterator[list[dict[str, Any]]]:
    """The same rung of every ladder of the group, from the gentlest."""
    for at in range(max((len(kinds[name].ladder) for name in group), default=1)):
        yield [{"name": name, **_at(kinds[name], at)} for name in group]
