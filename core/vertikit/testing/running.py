"""Runs checks: one on a component, all on a plugin."""

from __future__ import annotations

import importlib
import importlib.util
import tempfile
import traceback
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from vertikit.errors import UsageError, VertikitError, did_you_mean
from vertikit.registry import FAMILIES, Registry
from vertikit.testing.check import Check, Failed, NotApplicable, Result
from vertikit.testing.subject import EXAMPLES, Subject, refusal
from vertikit.testing.waivers import WAIVERS, reason_of, wrong

SEED = 20
"""Checks start from it, so that what is drawn at random is drawn alike every time."""


@dataclass
class Case:
    """A check of a component that a plugin has to pass."""

    check: Check
    subject: Subject
    waived: str | None = None

    @property
    def key(self) -> str:
        """As a waiver names it."""
        return f"{self.subject.name}: {self.check.name}"

    def result(self) -> Result:
        """What comes of it; a waiver of a check that passes is a failure."""
        if _latest.subject is not None and _latest.subject is not self.subject:
            _latest.subject.kept.clear()  # encoders among it: all at once may be more than there is room for
        _latest.subject = self.subject
        found = run_check(self.check, self.subject)
        if self.waived is None or found.state == "not applicable":
            return found
        if found.state == "passed":
            return replace(found, state="failed", why=f"passes, and {WAIVERS} waives it: take that out")
        return replace(found, state="waived", why=f"{self.waived} ({found.why})")


@dataclass
class _Latest:
    """The component that was checked last."""

    subject: Subject | None = None


_latest = _Latest()


@dataclass
class Plugin:
    """A plugin under test.

    Args:
        faults: what is wrong with its waivers and examples, a line for each.
    """

    name: str
    cases: list[Case]
    faults: list[str] = field(default_factory=list)

    def results(self) -> Iterator[Result]:
        """One by one, since each may take a while."""
        for line in self.faults:
            yield Result(f"plugin/{self.name}", OWN_WORDS, "failed", line)
        for case in self.cases:
            yield case.result()


def _nothing(_: Subject) -> None: ...


OWN_WORDS = Check(
    "plugin", "own words", f"{WAIVERS} and {EXAMPLES} name what there is, with reasons", _nothing
)
"""What a plugin itself has to keep to."""


@cache
def checks_of(family: str) -> tuple[Check, ...]:
    """The checks of a family, in order, imported now; none of a family that has no contract here."""
    name = f"vertikit.testing.{family}"
    if importlib.util.find_spec(name) is None:
        return ()
    found: tuple[Check, ...] = importlib.import_module(name).CHECKS
    return found


def run_check(check: Check, subject: Subject) -> Result:
    """One check of one component, in an empty folder, from a fixed seed."""
    import numpy as np
    import torch

    with (
        tempfile.TemporaryDirectory(prefix="vertikit-conformance-") as folder,
        torch.random.fork_rng(devices=[]),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore")
        torch.manual_seed(SEED)
        drawn = np.random.get_state()
        np.random.seed(SEED)
        try:
            check.run(replace(subject, folder=Path(folder)))
        except NotApplicable as reason:
            return Result(subject.name, check, "not applicable", _line(str(reason)))
        except Failed as reason:
            return Result(subject.name, check, "failed", _line(str(reason)))
        # A component is foreign code: whatever it raises, SystemExit included, is its own failure.
        except (Exception, SystemExit) as error:
            return Result(subject.name, check, "failed", _line(_told(error)))
        finally:
            np.random.set_state(drawn)
    return Result(subject.name, check, "passed")


def plugin_under_test(name: str, known: Registry) -> Plugin:
    """The plugin of that name with all its checks; UsageError where there is none, VertikitError where it is broken."""
    record = next((each for each in known.plugins if each.name == name), None)
    if record is None:
        raise UsageError(
            f"there is no plugin {name!r}.",
            did_you_mean(name, [each.name for each in known.plugins])
            or "`vertikit plugins list` lists them.",
        )
    if record.state != "ok":
        raise VertikitError(
            f"plugin {name!r} is {record.state}: {record.reason}.",
            f"{record.cure or 'Take it out of that variable'}.",
        )
    module = known.module(name)
    examples, waivers = getattr(module, EXAMPLES, {}), getattr(module, WAIVERS, {})
    given: Mapping[str, Any] = examples if isinstance(examples, Mapping) else {}
    cases = []
    order = list(FAMILIES)
    for component in sorted(record.registers, key=lambda each: (order.index(each.family), each.name)):
        subject = Subject(component, known, given.get(f"{component.family}/{component.name}"))
        cases += [Case(check, subject) for check in checks_of(component.family)]
    for case in cases:
        case.waived = reason_of(waivers, case.key)
    components = {case.subject.name for case in cases}
    faults = wrong(waivers, {case.key for case in cases})
    faults += [
        f"{EXAMPLES} names {key!r}, which this plugin does not register" for key in given.keys() - components
    ]
    if given is not examples:
        faults.append(f"{EXAMPLES} is no mapping of 'family/component' to options or a writer")
    return Plugin(name, cases, faults)


def check_plugin(name: str, known: Registry | None = None) -> list[Result]:
    """All results of an installed plugin.

    Args:
        name: of its entry point.
        known: the registry that it is in; without it, that of this process.
    """
    from vertikit.registry import registry

    return list(plugin_under_test(name, known if known is not None else registry()).results())


def _line(text: str) -> str:
    return " ".join(text.split())


def _told(error: BaseException) -> str:
    """An error that no check foresaw: what it says, and where it arose, outside this kit where that can be told."""
    frames = [
        each
        for each in traceback.extract_tb(error.__traceback__)
        if Path(__file__).parent not in Path(each.filename).parents
    ]
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno})" if frames else ""
    return f"{type(error).__name__}: {refusal(error) or error}{where}"
