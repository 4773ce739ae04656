"""The file of rules: what stands in it, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from vertikit import UsageError

LIKELY = 0.95
"""The least probability of a rule's class where the rule names none."""
_KEYS = ("name", "when", "then", "at_least", "at_most", "reason")


@dataclass(frozen=True)
class Rule:
    """One rule: where `when` holds, the probability of the class `then` is within the bounds, for the reason given."""

    name: str
    when: str
    then: str
    at_least: float
    at_most: float
    reason: str


@dataclass(frozen=True)
class RuleFile:
    """Rules in order, and short names for columns of the data."""

    rules: tuple[Rule, ...]
    columns: Mapping[str, str]

    def tree(self) -> dict[str, Any]:
        """As it stands in a file."""
        return {"columns": dict(self.columns), "rules": [asdict(rule) for rule in self.rules]}


def read_rules(path: Path) -> RuleFile:
    """The rules of a YAML file; UsageError that says what is wrong with it."""
    import yaml

    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read as a file of rules: {error}.", "Check the file.") from None
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 1}" if where is not None else ""
        raise UsageError(
            f"{path}: is no YAML{line}.", "Mend that line; texts with a colon stand in quotes."
        ) from None
    return rules_of(tree, str(path))


def rules_of(tree: Any, source: str) -> RuleFile:
    """The rules of a tree as YAML or JSON gives it; UsageError with the rule and the key at fault."""

    def wrong(what: str, do: str = "") -> UsageError:
        return UsageError(f"{source}: {what}.", do or "docs/recipes.md shows a file of rules.")

    if not isinstance(tree, Mapping) or not isinstance(tree.get("rules"), list) or not tree["rules"]:
        raise wrong("holds no list of `rules`")
    unknown = [key for key in tree if key not in ("rules", "columns")]
    if unknown:
        raise wrong(f"has the unknown key {unknown[0]!r}", "It may hold `columns` and `rules`.")
    columns = tree.get("columns") or {}
    if not isinstance(columns, Mapping) or not all(
        isinstance(each, str) for each in (*columns, *columns.values())
    ):
        raise wrong("`columns` is no list of short names with the columns that they stand for")
    rules = []
    for at, each in enumerate(tree["rules"], 1):
        if not isinstance(each, Mapping):
            raise wrong(f"rule {at} is no list of keys")
        unknown = [key for key in each if key not in _KEYS]
        if unknown:
            raise wrong(f"rule {at} has the unknown key {unknown[0]!r}", f"Keys are {', '.join(_KEYS)}.")
        missing = [
            key for key in ("name", "when", "then") if not isinstance(each.get(key), str) or not each[key]
        ]
        if missing:
            raise wrong(f"rule {at} lacks {missing[0]!r}, which is a text")
        low = each.get("at_least", 0.0 if "at_most" in each else LIKELY)
        high = each.get("at_most", 1.0)
        numbers = all(isinstance(bound, int | float) and not isinstance(bound, bool) for bound in (low, high))
        if not numbers or not 0 <= low <= high <= 1:
            raise wrong(f"rule {each['name']!r}: at_least and at_most are no bounds between 0 and 1")
        reason = str(each.get("reason") or f"{each['name']} ({each['when']})")
        rules.append(Rule(each["name"], each["when"], each["then"], float(low), float(high), reason))
    names = [rule.name for rule in rules]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise wrong(f"has two rules called {twice[0]!r}", "Give each a name of its own.")
    return RuleFile(tuple(rules), dict(columns))
