"""A check of a contract, and what came of it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from vertikit.testing.subject import Subject

State = Literal["passed", "failed", "not applicable", "waived"]


class Failed(Exception):  # noqa: N818 -- what a check says, and no error of its own
    """A component breaks its contract; the message is one line on what and why."""


class NotApplicable(Exception):  # noqa: N818
    """A check has nothing to look at in a component; the message is the reason."""


@dataclass(frozen=True)
class Check:
    """One thing that a contract asks for.

    Args:
        family: of components that it holds for, as in `vertikit.registry.FAMILIES`.
        name: one or two words, by which a waiver names it.
        title: a sentence that is true of a component that passes.
        run: takes a `Subject`; returns where it passes, raises `Failed` or `NotApplicable` where not. Any other error
            is a failure as well.
    """

    family: str
    name: str
    title: str
    run: Callable[[Subject], None]


@dataclass(frozen=True)
class Result:
    """What came of one check of one component.

    Args:
        component: as "heads/clause".
        why: "" where it passed; else one line: what is wrong, why it does not apply, or the author's reason.
    """

    component: str
    check: Check
    state: State
    why: str = ""


def check(family: str, name: str) -> Callable[[Callable[[Subject], None]], Check]:
    """Makes a `Check` of a function, whose docstring is the title."""

    def made(run: Callable[[Subject], None]) -> Check:
        title = " ".join((inspect.getdoc(run) or "").split()).removesuffix(".")
        return Check(family, name, title, run)

    return made


def expect(right: object, why: str) -> None:
    """`Failed` with that line where it is not right."""
    if not right:
        raise Failed(why)
