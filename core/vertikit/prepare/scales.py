"""Whether all grades of a file are on one scale."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.errors import VertikitError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.outcome import Outcome
    from vertikit.task import Task

FEWEST_ROWS = 20
"""Of a group, for its own highest grade to say something."""
PILED = 0.2
"""Share of a group's rows that have its highest grade, where that is full points and no accident."""
FAR = 0.5
"""A group whose full points are at most this share of the whole scale has a scale of its own."""
COMMON = 0.05
"""Share of rows that lie between 0 and 1 and are neither, where some grades are shares and others points."""


def check_one_scale(task: Task, outcome: Outcome, truth: NDArray[np.float64], examples: Examples) -> None:
    """VertikitError where the grades seem to be of two scales; a scale that was stated is taken at its word.

    Two signs: groups (questions) of many rows that pile up at a highest grade of half the scale or less; and shares
    between 0 and 1 beside whole points above 1.
    """
    import numpy as np

    scale = outcome.scale
    if not task.target.ordered or scale is None or scale.stated or scale.maximum is None:
        return
    numbers = np.asarray([np.nan if each is None else float(each) for each in truth])
    low, high = scale.minimum or 0.0, scale.maximum
    cure = (
        f"Bring them to one scale, or, if it is one, state it: --set scale.minimum={low:g} "
        f"--set scale.maximum={high:g}"
    )
    fractions = (numbers > 0) & (numbers < 1)
    above = numbers[numbers > 1]
    if (
        len(above) >= COMMON * len(numbers)
        and fractions.mean() >= COMMON
        and high > 2
        and (above == np.round(above)).all()
    ):
        raise VertikitError(
            f"{task.target.name} seems to be on two scales: {int(fractions.sum()):,} rows have shares between 0 and 1, "
            f"and {len(above):,} rows whole points up to {high:g}.",
            cure,
        )
    if examples.group is None or task.group is None:
        return
    own: list[tuple[float, int]] = []
    groups = examples.group.astype(str)
    for group in np.unique(groups[[each is not None for each in examples.group]]):
        of_group = numbers[groups == group]
        top = float(of_group.max())
        if len(of_group) >= FEWEST_ROWS and (of_group == top).mean() >= PILED and top > low:
            own.append((top, len(of_group)))
    short = [top for top, _ in own if top - low <= FAR * (high - low)]
    whole = [top for top, _ in own if top - low > FAR * (high - low)]
    if short and whole:
        unit = task.group.unit
        raise VertikitError(
            f"{task.target.name} seems to be on two scales: {len(short):,} {unit}s have full points at "
            f"{max(short):g} or less, and {len(whole):,} at up to {max(whole):g}.",
            cure,
        )
