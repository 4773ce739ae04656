"""Forecasts along time: what trains lies before what validates, and that before what tests, with an embargo between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.durations import microseconds
from vertikit.examples import Examples, Fold

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.windows import Windows


class WalkForward:
    """One fold along the steps of all series, or, with `fold`, one of several whose tests follow one another.

    An example is on the side of a cut on which all of its horizon lies; one whose horizon crosses a cut, or comes
    nearer to the part after it than the embargo, is left out (purged: Lopez de Prado 2018, Advances in
    Financial Machine Learning, chapter 7). The context of one that is judged may reach back over the cut: the past is
    known by then.

    Args:
        gap: the embargo: time between the last step that trains (or validates) and the first of the next part.
        sizes: steps that train, validate and test, from the first one on; further ones are left out.
        fold: "2/5": time in six equal blocks, of which the first two train and validate and the third tests
            (Hyndman and Athanasopoulos 2021, Forecasting, section 5.10).
        train_span: only so much time before validation trains.
        test_span, valid_span: lengths of time in the place of shares of steps.
    """

    def __init__(
        self,
        gap: str | None = None,
        sizes: list[int] | None = None,
        fold: str | None = None,
        train_span: str | None = None,
        test_span: str | None = None,
        valid_span: str | None = None,
    ) -> None:
        self._gap, self._train_span, self._test_span, self._valid_span = (
            None if each is None else microseconds(each) / 1e6
            for each in (gap, train_span, test_span, valid_span)
        )
        if sizes is not None and fold is not None:
            raise UsageError(
                "split.sizes and split.fold both say where the parts lie.", "Leave one of them out."
            )
        self._sizes, self._fold = sizes, fold

    def fits(self, examples: Examples) -> bool:
        return examples.windows is not None and examples.windows.ahead is not None

    def split(
        self,
        examples: Examples,
        classes: NDArray[np.object_],  # noqa: ARG002
        *,
        test: float,
        valid: float,
        seed: int,  # noqa: ARG002
    ) -> list[Fold]:
        import numpy as np

        windows = examples.windows
        if windows is None or windows.ahead is None:
            raise UsageError(
                "the split 'walk-forward' is for forecasts, and these examples have nothing that follows.",
                "Take --set split=time",
            )
        if examples.part.any():
            return [self._given(examples, windows, valid)]
        stamps = windows.ahead.stamps
        first, last = stamps[windows.stop], stamps[windows.reach - 1]
        known = np.unique(stamps[windows.touched(ahead=True)])
        begin, cut, test_from, end = self._cuts(known, test, valid)
        embargo = self._gap or 0.0
        # Times of one step may differ in their last digit.
        slack = 1e-6
        tested = (first >= test_from - slack) & (last < end - slack)
        validated = (first >= cut - slack) & (last < test_from - embargo - slack)
        trained = (stamps[windows.start] >= begin - slack) & (last < cut - embargo - slack)
        beyond = first >= end - slack
        early = ~trained & (last < cut - embargo - slack)
        outside = {
            "before the span that trains": early,
            "after the last step that is tested": beyond & ~tested,
            "whose horizon crosses a cut, or lies in the embargo before it": ~(
                tested | validated | trained | early | beyond
            ),
        }
        parts = [np.flatnonzero(each) for each in (trained, validated, tested)]
        for name, part in zip(("training", "validation", "the test"), parts, strict=True):
            if not len(part):
                raise UsageError(
                    f"walk-forward leaves no forecast for {name}: none has its {windows.ahead.horizon} steps in it.",
                    "Give rows of a longer time, a shorter horizon, or other parts (split.test, split.valid).",
                )
        told: dict[str, Indices] = {why: np.flatnonzero(each) for why, each in outside.items() if each.any()}
        return [Fold(parts[0], parts[1], parts[1], {"test": parts[2]}, told)]

    def _given(self, examples: Examples, windows: Windows, valid: float) -> Fold:
        """The parts that the user gave as they are; without a validation part, the last steps of training validate."""
        import numpy as np

        if self._sizes is not None or self._fold is not None:
            raise UsageError(
                "split.sizes and split.fold cut time, and --valid or --test give parts of your own.",
                "Leave one of the two out.",
            )
        assert windows.ahead is not None
        stamps, part = windows.ahead.stamps, examples.part.astype(str)
        tests = {
            str(name): np.flatnonzero(part == name) for name in np.unique(part) if name not in ("", "valid")
        }
        own = part == ""
        if not tests or not own.any():
            raise UsageError(
                "walk-forward needs training rows and a test part beside a validation part of your own.",
                "Name it with --test FILE, or give all rows with --data.",
            )
        first, last = stamps[windows.stop], stamps[windows.reach - 1]
        chosen = part == "valid"
        cut, embargo = np.inf, self._gap or 0.0
        if not chosen.any():
            known = np.unique(stamps[windows.take(np.flatnonzero(own)).judged()])
            cut = known[min(len(known) - 1, round((1 - valid) * len(known)))]
            chosen = own & (first >= cut - 1e-6)
        trained = own & (last < cut - embargo - 1e-6)
        left = np.flatnonzero(own & ~trained & ~chosen)
        outside = {"whose horizon crosses a cut, or lies in the embargo before it": left} if len(left) else {}
        validation = np.flatnonzero(chosen)
        return Fold(np.flatnonzero(trained), validation, validation, tests, outside)

    def _cuts(
        self, known: NDArray[np.float64], test: float, valid: float
    ) -> tuple[float, float, float, float]:
        """(where training begins, where validation does, where the test does, and where that ends) of steps [T]."""
        import numpy as np

        count, begin, end = len(known), -np.inf, np.inf
        if self._sizes is not None:
            if sum(self._sizes) > count:
                raise UsageError(
                    f"split.sizes asks for {sum(self._sizes):,} steps, and there are {count:,}.",
                    "Give other sizes.",
                )
            learnt, chosen, tested = self._sizes
            ends = np.append(known, np.inf)
            cut, test_from, end = ends[learnt], ends[learnt + chosen], ends[learnt + chosen + tested]
            return begin, float(cut), float(test_from), float(end)
        if self._fold is not None:
            number, parts = (int(each) for each in self._fold.split("/"))
            if parts < 2 or number > parts:
                raise UsageError(f"split.fold: {self._fold} is no part of several.", "Write 1/5 to 5/5.")
            edges = np.linspace(0, count, parts + 2).round().astype(int)
            test_from = float(known[edges[number]])
            end = float(known[edges[number + 1]]) if number < parts else np.inf
        elif self._test_span is not None:
            test_from = float(known[-1] - self._test_span) + 1e-3
        else:
            test_from = float(known[min(count - 1, round((1 - test) * count))])
        before = known[known < test_from]
        if not len(before):
            raise UsageError("walk-forward finds no step before the test.", "Give a smaller split.test.")
        if self._valid_span is not None:
            cut = float(test_from - self._valid_span)
        else:
            cut = float(before[min(len(before) - 1, round((1 - valid) * len(before)))])
        if self._train_span is not None:
            begin = cut - self._train_span
        return begin, cut, test_from, end
