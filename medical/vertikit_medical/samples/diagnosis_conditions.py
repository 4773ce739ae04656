"""What the generator of `diagnosis` knows: conditions, wordings of their symptoms, ways of writing. Read once, on use."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Chance that a visit shows a symptom which the condition has usually, often, ...
CHANCE = {"usual": 0.58, "often": 0.41, "sometimes": 0.25, "seldom": 0.11}


@dataclass(frozen=True)
class Condition:
    """How one disease shows itself; the fields are explained at the top of `diagnosis_conditions.toml`."""

    name: str
    share: float
    age: tuple[int, int, int]
    female: float
    months: tuple[int, ...]
    days: tuple[int, int, int]
    returns: float
    confused: tuple[str, ...]
    fever: float
    symptoms: dict[str, float]
    course: dict[str, float]
    signs: dict[str, float]


@dataclass(frozen=True)
class Style:
    """One way of writing a note: which wordings it takes, and its sentence templates."""

    wording: str
    others: str
    typos: float
    joins: tuple[str, ...]
    openings: tuple[str, ...]
    returns: tuple[str, ...]
    courses: tuple[str, ...]
    denials: tuple[str, ...]
    past: tuple[str, ...]
    family: tuple[str, ...]
    signs: tuple[str, ...]
    closings: tuple[str, ...]
    spans: tuple[str, ...]
    backgrounds: tuple[str, ...]


@dataclass(frozen=True)
class Knowledge:
    """All of it. `words[kind][name][wording]` lists phrases, kind being symptom, course or sign."""

    conditions: dict[str, Condition]
    words: dict[str, dict[str, dict[str, list[str]]]]
    styles: dict[str, Style]
    sites: dict[str, tuple[float, ...]]
    vague_returns: tuple[str, ...]
    unspoken: re.Pattern[str]


@cache
def knowledge() -> Knowledge:
    """The content of the TOML files beside this module. Raises KeyError where a condition has an unknown symptom."""
    table, signs, phrases = _read("conditions"), _read("signs"), _read("phrases")
    words = {"symptom": _read("symptoms"), "course": signs["course"], "sign": signs["sign"]}
    kinds = {name: kind for kind, entries in words.items() for name in entries}
    return Knowledge(
        conditions={name: _condition(name, entry, kinds) for name, entry in table["condition"].items()},
        words=words,
        styles={name: Style(**_tuples(entry)) for name, entry in phrases["style"].items()},
        sites={name: tuple(shares) for name, shares in phrases["site"].items()},
        vague_returns=tuple(phrases["vague_returns"]),
        unspoken=re.compile(rf"\b({'|'.join(table['unspoken'])})s?\b", re.IGNORECASE),
    )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"diagnosis_{name}.toml").read_text(encoding="utf-8"))


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _condition(name: str, entry: dict[str, Any], kinds: dict[str, str]) -> Condition:
    shown: dict[str, dict[str, float]] = {"symptom": {}, "course": {}, "sign": {}}
    for band, chance in CHANCE.items():
        for concept in entry.get(band, []):
            shown[kinds[concept]][concept] = chance
    plain = {key: value for key, value in _tuples(entry).items() if key not in CHANCE}
    return Condition(name=name, symptoms=shown["symptom"], course=shown["course"], signs=shown["sign"], **plain)
