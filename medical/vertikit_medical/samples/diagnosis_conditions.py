"""What the generator of notes knows: conditions, wordings of their symptoms, ways of writing."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

# Chance that a visit shows a symptom which the condition has usually, often, ...
CHANCE = {"usual": 0.85, "often": 0.62, "sometimes": 0.24, "seldom": 0.05}


@dataclass(frozen=True)
class Condition:
    """How one disease shows itself; the fields are explained at the top of conditions.toml."""

    name: str
    share: float
    age: tuple[int, int, int]
    female: float
    months: tuple[int, ...]
    days: tuple[int, int, int]
    returns: float
    confused: tuple[str, ...]
    fever: float
    oxygen: tuple[int, int]
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
    """The TOML files of diagnosis_words, read once. Raises KeyError if a condition has an unknown symptom."""
    table, signs, phrases = _read("conditions"), _read("signs"), _read("phrases")
    symptoms = _read("head_and_chest") | _read("belly_and_bladder")
    words = {"symptom": symptoms, "course": signs["course"], "sign": signs["sign"]}
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
    import tomllib  # here, not above: to name the sample must cost nothing

    path = Path(__file__).parent / "diagnosis_words" / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _tuples(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()}


def _condition(name: str, entry: dict[str, Any], kinds: dict[str, str]) -> Condition:
    shown: dict[str, dict[str, float]] = {"symptom": {}, "course": {}, "sign": {}}
    for band, chance in CHANCE.items():
        for concept in entry.get(band, []):
            shown[kinds[concept]][concept] = chance
    plain = {key: value for key, value in _tuples(entry).items() if key not in CHANCE}
    return Condition(
        name=name, symptoms=shown["symptom"], course=shown["course"], signs=shown["sign"], **plain
    )
