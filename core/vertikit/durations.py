"""Lengths of time as people write them: 30min, 1h, 7d."""

from __future__ import annotations

import re

PATTERN = r"^\d+(\.\d+)?(us|ms|s|min|h|d|w)$"
_UNITS = {
    "us": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
_WORDS = {
    "us": "microsecond",
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "d": "day",
    "w": "week",
}


def microseconds(text: str) -> int:
    """Of a duration such as "7d"; ValueError where it is none."""
    match = re.match(PATTERN, text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no duration such as 30min, 1h or 7d")
    unit = match[2]
    return round(float(text.strip().removesuffix(unit)) * _UNITS[unit])


def in_words(text: str) -> str:
    """A duration in a sentence: "hour" for 1h, "7 days" for 7d; what is no duration stays as it is."""
    match = re.match(PATTERN, text.strip())
    if match is None:
        return text
    count, word = text.strip().removesuffix(match[2]), _WORDS[match[2]]
    return word if count == "1" else f"{count} {word}s"
