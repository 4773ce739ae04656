"""The past trains, the future tests, and between them lie the days in which labels are not known yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.durations import microseconds
from vertikit.examples import Examples, Fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices

DAY = 86_400.0


class ByTime:
    """One fold along time: training, validation, the gap, the test.

    On the day that a model is trained, the labels of the last days are not known: a fraud takes a week to be
    reported. So the rows of the gap before the test train nothing. Validation rows are the latest before the gap. With
    `known`, rows of the test are left out where their group (a card) is known by then to have that class: it is blocked
    already, and finding it again is no feat (Le Borgne et al., Reproducible machine learning for credit card fraud
    detection, 2022, chapter 5).

    Args:
        gap: of time between the last row that trains and the first that tests, such as 7d.
        train_span: only this much time before the gap trains (and validates); what is before only feeds histories.
        test_span, valid_span: lengths of time in the place of shares of rows.
        known: a class; a group that had it in a training row or later, and a gap ago, is not tested any more.
    """

    def __init__(
        self,
        gap: str | None = None,
        train_span: str | None = None,
        test_span: str | None = None,
        valid_span: str | None = None,
        known: str | None = None,
    ) -> None:
        self._gap = _seconds(gap) or 0.0
        self._train_span, self._test_span, self._valid_span = map(
            _seconds, (train_span, test_span, valid_span)
        )
        self._known = known

    def fits(self, examples: Examples) -> bool:
        return examples.span is not None and not examples.part.any()

    def split(
        self,
        examples: Examples,
        classes: NDArray[np.object_],
        *,
        test: float,
        valid: float,
        seed: int,  # noqa: ARG002
    ) -> list[Fold]:
        import numpy as np

        if examples.span is None:
            raise UsageError("the split 'time' needs a column of times.", "Name it: --map time=COLUMN")
        if examples.part.any():
            raise UsageError(
                "the split 'time' would mix the parts given by --valid and --test into training.",
                "Use --set split=official, or give all rows with --data.",
            )
        start, end = examples.span[:, 0], examples.span[:, 1]
        timed = np.isfinite(end)
        test_from = _edge(end[timed], test, self._test_span)
        train_to = test_from - self._gap
        train_from = -np.inf if self._train_span is None else train_to - self._train_span
        tested = np.flatnonzero(timed & (start >= test_from))
        early = np.flatnonzero(timed & (end < train_from))
        labelled = np.flatnonzero(timed & (end >= train_from) & (end < train_to))
        if not len(labelled):
            raise UsageError(
                f"no row is older than the gap of {self._gap / DAY:g} days before the test.",
                "Give rows of a longer time, or a shorter gap: --set split.gap=1d",
            )
        valid_from = _edge(end[labelled], valid, self._valid_span)
        train = labelled[end[labelled] < valid_from]
        validation = labelled[start[labelled] >= valid_from]
        outside = {
            "without a time, so no side of the cut is theirs": np.flatnonzero(~timed),
            "before the training span: they feed histories alone": early,
        }
        blocked = self._blocked(examples, classes, np.sort(labelled), tested)
        if blocked.any():
            outside[f"of a group known to have {self._known!r} by then: not tested any more"] = tested[
                blocked
            ]
            if blocked.all():
                raise UsageError(
                    f"all {len(tested):,} rows of the test are of groups known to have {self._known!r} by then.",
                    "Give rows of more groups, or test these too: --set split.known=null",
                )
            tested = tested[~blocked]
        used = np.zeros(len(end), bool)
        used[np.concatenate([train, validation, tested, *outside.values()])] = True
        between = np.flatnonzero(~used)
        outside["in the gap before the test, or across a cut: their labels come too late"] = between
        told = {why: part for why, part in outside.items() if len(part)}
        return [Fold(train, validation, validation, {"test": tested}, told)]

    def _blocked(
        self, examples: Examples, classes: NDArray[np.object_], labelled: Indices, tested: Indices
    ) -> NDArray[np.bool_]:
        """[len(tested)] rows of groups whose class was known on the day before: labels are a gap late."""
        import numpy as np
        import pandas as pd

        if self._known is None or examples.group is None or examples.span is None or not len(labelled):
            return np.zeros(len(tested), bool)
        day = np.floor(examples.span[:, 1] / DAY)
        first_day = day[labelled].min()
        found = (classes == self._known) & (day >= first_day) & pd.notna(examples.group)
        since = pd.Series(day[found]).groupby(examples.group[found]).min()
        known_from = pd.Series(examples.group[tested]).map(since).to_numpy(np.float64)
        return np.asarray(known_from + self._gap / DAY < day[tested], bool)


def _edge(times: NDArray[np.float64], share: float, span: float | None) -> float:
    """When the last `share` of rows begins, or the last `span` seconds, whole days where there are several."""
    import numpy as np

    if span is not None:
        latest = float(times.max())
        # A span of whole days ends with the last day that has rows, not in the middle of it.
        if span % DAY == 0:
            latest = (np.floor(latest / DAY) + 1) * DAY
        return float(latest - span)
    ordered = np.sort(times)
    edge = float(ordered[min(len(ordered) - 1, round((1 - share) * len(ordered)))])
    day = float(np.floor(edge / DAY) * DAY)
    return day if ordered[0] < day and ordered[-1] - ordered[0] > 5 * DAY else edge


def _seconds(duration: str | None) -> float | None:
    return None if duration is None else microseconds(duration) / 1_000_000
