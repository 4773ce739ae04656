"""Shares that are watched: missing values, kinds never seen, rows out of range, unusable rows, abstentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vertikit.prepare.quarantine import count_reasons
from vertikit.watch.measured import KINDS, NUMBERS, Measured
from vertikit.watch.two_sample import share_test

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.prepare.reading import Rows
    from vertikit.watch.clusters import Clusters
    from vertikit.watch.reference import Reference

LEAST = 0.02
"""By which a share has to move to count: two rows in a hundred."""


@dataclass(frozen=True)
class Share:
    """A share of rows then and now.

    Args:
        kind: "missing", "unknown", "range", "unusable" or "abstained". p: that the two are one; adjusted: among all.
        only_rise: whether fewer is nothing to be told. alarms: beyond luck and beyond `LEAST`.
    """

    name: str
    kind: str
    then: int
    of_then: int
    now: int
    of_now: int
    p: float
    only_rise: bool = False
    adjusted: float = 1.0
    alarms: bool = False

    @property
    def before(self) -> float:
        return self.then / max(self.of_then, 1)

    @property
    def after(self) -> float:
        return self.now / max(self.of_now, 1)

    @property
    def beyond(self) -> bool:
        """Whether it moved far enough to count."""
        moved = self.after - self.before
        return (moved if self.only_rise else abs(moved)) >= LEAST


def share(
    name: str,
    kind: str,
    counts: tuple[int, int, int, int],
    *,
    worth: tuple[float, float] | None = None,
    only_rise: bool = False,
) -> Share:
    """Of (then, of_then, now, of_now); `worth` says as how many independent rows the two sides count."""
    then, of_then, now, of_now = counts
    factors = (1.0, 1.0) if worth is None else (worth[0] / max(of_then, 1), worth[1] / max(of_now, 1))
    tested = (then * factors[0], of_then * factors[0], now * factors[1], of_now * factors[1])
    p = share_test(*(round(each) for each in tested), only_rise=only_rise)
    return Share(name, kind, then, of_then, now, of_now, p, only_rise)


def of_columns(reference: Reference, measured: Mapping[str, Measured], rows: int) -> Iterator[Share]:
    """Of each column of a table: what is missing, and kinds that training never had."""
    for entry in reference.entries.values():
        own, now = entry.profile, measured.get(entry.name)
        if entry.name != entry.column:
            continue
        known = np.zeros(rows, bool) if now is None else now.known
        size = own.clusters.worth(own.rows), own.clusters.worth(len(known))
        missing = int((~known).sum())
        if own.missing or missing:
            yield share(entry.name, "missing", (own.missing, own.rows, missing, len(known)), worth=size)
        if now is None or own.kind != KINDS or own.known is None or not known.any():
            continue
        new = int(own.unknown(now).sum())
        # The chance that the next row is of a kind not seen is about the share of kinds seen once (Good 1953).
        held = own.rows - own.missing
        if new:
            counts = (own.once, held, new, int(known.sum()))
            yield share(entry.name, "unknown", counts, worth=size, only_rise=True)


def out_of_range(reference: Reference, measured: Mapping[str, Measured], rows: int) -> Share | None:
    """Rows with a number beyond all of training's; None where no number is of a table."""
    out, sides, of_then = np.zeros(rows, bool), 0, 0
    for entry in reference.entries.values():
        ends, now = entry.profile.ends, measured.get(entry.name)
        if ends is None or now is None or entry.name != entry.column or now.kind != NUMBERS:
            continue
        values = now.values
        out |= np.isfinite(values) & ((values < ends[0]) | (values > ends[1]))
        sides, of_then = sides + 2, max(of_then, entry.profile.rows)
    if not sides:
        return None
    # Of n values, the next one is beyond either end in one case of n + 1.
    counts = (min(sides, of_then), of_then, int(out.sum()), rows)
    return share("rows with a number out of the training range", "range", counts, only_rise=True)


def unusable(reference: Reference, found: Rows) -> Iterator[Share]:
    """Rows that cannot be used, in all and by reason."""
    now = Counter(dict(count_reasons(found.bad)))
    then = Counter(dict(reference.reasons))
    if now or then:
        counts = (reference.unusable, reference.read, len(found.bad), found.read)
        yield share("rows that cannot be used", "unusable", counts, only_rise=True)
    if len(now) > 1:
        for why, count in now.most_common(5):
            counts = (then[why], reference.read, count, found.read)
            yield share(f"rows that cannot be used: {why}", "unusable", counts, only_rise=True)


def abstained(then: pd.DataFrame, now: pd.DataFrame, abstains: str, alike: Clusters) -> Share | None:
    """Rows that the policy leaves to someone else."""
    if not abstains:
        return None
    before, after = (int((each["decision"] == abstains).sum()) for each in (then, now))
    counts = (before, len(then), after, len(now))
    worth = alike.worth(len(then)), alike.worth(len(now))
    return share(f"rows with the decision {abstains!r}", "abstained", counts, worth=worth)
