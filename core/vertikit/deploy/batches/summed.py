"""What was told of pieces, told of all of them: the same sentence with other numbers is one, with their sums."""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBER = re.compile(r"\d[\d,]*")


def summed(lines: Iterable[str]) -> list[str]:
    """Of `text: 3 too long` and `text: 1,004 too long` is made `text: 1,007 too long`, at the place of the first."""
    totals: dict[str, list[int]] = {}
    for line in lines:
        numbers = [int(found.replace(",", "")) for found in _NUMBER.findall(line)]
        before = totals.setdefault(_NUMBER.sub("\0", line), [0] * len(numbers))
        for at, number in enumerate(numbers):
            before[at] += number
    return [_filled(sentence, numbers) for sentence, numbers in totals.items()]


def _filled(sentence: str, numbers: list[int]) -> str:
    left = iter(numbers)
    return re.sub("\0", lambda _: f"{next(left):,}", sentence)
