"""Numbers and names as a reader of the report sees them."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

MISSING = "–"
_UNIT = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class Score:
    """A figure with its 95 % interval; None where it could not be computed, and then `why`."""

    value: float | None
    low: float | None = None
    high: float | None = None
    why: str = ""

    @classmethod
    def of(cls, entry: object) -> Score:
        """From {"value": v, "ci95": [low, high]} or a bare number; what is missing or not finite is None."""
        if not isinstance(entry, Mapping):
            return cls(finite(entry))
        ends = entry.get("ci95")
        low, high = ends if isinstance(ends, list | tuple) and len(ends) == 2 else (None, None)
        low, high = finite(low), finite(high)
        if low is None or high is None:
            low = high = None
        return cls(finite(entry.get("value")), low, high, str(entry.get("why") or ""))

    @property
    def text(self) -> str:
        return number(self.value)

    @property
    def interval(self) -> str:
        """«0.660 to 0.752», or nothing."""
        return "" if self.low is None else f"{number(self.low)} to {number(self.high)}"

    @property
    def sentence(self) -> str:
        """«0.713 (0.660 to 0.752)»."""
        return f"{self.text} ({self.interval})" if self.interval else self.text


def finite(value: object) -> float | None:
    """The number, or None for anything that is not a finite one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def number(value: float | None, *, signed: bool = False) -> str:
    """Three decimals for scores, fewer for large values; a true minus sign."""
    if value is None:
        return MISSING
    digits = 3 if abs(value) < 100 else 1
    # Adding zero turns a rounded −0.0 into 0.0.
    value = round(value, digits) + 0.0
    return f"{value:{'+' if signed else ''},.{digits}f}".replace("-", "−")


def count(value: object) -> str:
    whole = finite(value)
    return MISSING if whole is None else f"{round(whole):,}"


def share(part: object, whole: object = 1.0) -> str:
    """A percentage; small ones keep two digits that tell them from nothing."""
    upper, lower = finite(part), finite(whole)
    if upper is None or not lower:
        return MISSING
    percent = 100 * upper / lower
    if percent == 0 or percent >= 10:
        return f"{percent:.0f}{_UNIT}%"
    if percent < 0.01:
        return f"< 0.01{_UNIT}%"
    return f"{percent:.1f}{_UNIT}%" if percent >= 0.1 else f"{percent:.2g}{_UNIT}%"


def seconds(value: object) -> str:
    duration = finite(value)
    if duration is None:
        return MISSING
    if duration < 10:
        return f"{duration:.1f}{_UNIT}s"
    minutes, rest = divmod(round(duration), 60)
    if minutes == 0:
        return f"{rest}{_UNIT}s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def size(value: object) -> str:
    """Bytes in decimal units."""
    amount = finite(value)
    if amount is None:
        return MISSING
    for unit in ("bytes", "kB", "MB"):
        if amount < 1000:
            whole = unit == "bytes" or amount >= 100
            return f"{amount:.0f}{_UNIT}{unit}" if whole else f"{amount:.1f}{_UNIT}{unit}"
        amount /= 1000
    return f"{amount:,.1f}{_UNIT}GB"


def plain(value: object) -> str:
    """Text of the user's data, without characters that would break a line or a file.

    Control and unpaired surrogate characters become a replacement character; writing direction is
    isolated by the template (`<bdi>`), so marks of direction stay.
    """
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(each) in ("Cc", "Cs") else each
        for each in str(value)
    )


def shorten(value: object, width: int) -> str:
    """At most `width` characters; what is cut is marked by an ellipsis."""
    text = plain(value)
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def several(amount: int, one: str, many: str = "") -> str:
    """«1 row», «2 rows»."""
    return f"{amount:,} {one if amount == 1 else many or one + 's'}"
