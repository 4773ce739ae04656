"""Checks that a plugin's author gives up, each with a written reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

WAIVERS = "conformance_waivers"
"""The attribute of a plugin's module: "family/component: check" -> why it does not hold."""
FEWEST_WORDS = 3
"""That a reason has."""


def weak(reason: object) -> str:
    """Why this is no reason, or ""."""
    if not isinstance(reason, str) or len(reason.split()) < FEWEST_WORDS:
        return f"its reason {reason!r} says too little: write why, in {FEWEST_WORDS} words or more"
    return ""


def wrong(waivers: object, known: Collection[str]) -> list[str]:
    """What is wrong with the waivers of a plugin, where `known` are the checks that there are: a line for each."""
    if not isinstance(waivers, Mapping):
        return [f"{WAIVERS} is no mapping of 'family/component: check' to a reason"]
    found = []
    for key, reason in waivers.items():
        if key not in known:
            found.append(f"{key!r} waives a check that there is not")
        elif told := weak(reason):
            found.append(f"{key!r}: {told}")
    return found


def reason_of(waivers: object, key: str) -> str | None:
    """The reason why a check is waived; None where it is not, or by no reason."""
    given: Any = waivers.get(key) if isinstance(waivers, Mapping) else None
    return None if given is None or weak(given) else " ".join(str(given).split())
