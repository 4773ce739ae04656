"""Columns that give the target away: known only when the answer is, and so of no use when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vertikit.errors import VertikitError
from vertikit.series_columns import Series
from vertikit.table_columns import Category, Flag, Number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.columns import Column
    from vertikit.examples import Examples, Indices
    from vertikit.task import Task

PURE, FEWEST_ROWS, LEAST_SHARE = 0.99, 30, 0.1
"""A value or threshold with this share of one class in so many rows, and this share of all rows of that class."""
PERFECT = 0.999
"""Area under the ROC curve of a tree of three levels on one column."""
MOST_CODES = 20
"""Different readings that a sensor may have for it to be a code or a flag."""
MOST_ROWS = 50_000
"""Of training rows looked at, drawn at random."""


def check_giveaways(
    task: Task,
    columns: Sequence[Column],
    examples: Examples,
    classes: NDArray[np.object_],
    train: Indices,
    *,
    allowed: bool,
) -> list[str]:
    """VertikitError that names those of `columns` which hold the target; sentences on them where `allowed`.

    A column that the task itself declares is known when the question is asked, however much it says.
    """
    import numpy as np

    if len(train) > MOST_ROWS:
        train = np.sort(np.random.default_rng(0).permutation(train)[:MOST_ROWS])
    part, truth = examples.take(train), classes[train]
    found = [
        said
        for column in columns
        if isinstance(column, Number | Category | Series) and column.name in examples.column_names
        for said in _given_away(column, part, truth, _looked_for(task, truth))
    ]
    if not found or allowed:
        return [f"{each}: KEPT, as --allow-leaks asks" for each in found]
    given = [each.split("'")[1] for each in found]
    names = " ".join(f"--drop {each}" for each in given)
    raise VertikitError(
        f"{len(found)} {'column gives' if len(found) == 1 else 'columns give'} {task.target.name} away:",
        f"Leave out what is not known yet when the question is asked: {names}; or keep all with --allow-leaks."
        + _alike(columns, part, given),
        details=found,
    )


def _alike(columns: Sequence[Column], part: Examples, given: Sequence[str]) -> str:
    """A sentence on columns with the same two values as one that gives the target away: they may be of its kind."""
    held = {
        column.name: frozenset(part.coded(column.name)[1])
        for column in columns
        if column.name in part.table.column_names
    }
    pairs = {held[name] for name in given if name in held and len(held[name]) == 2}
    alike = [name for name, values in held.items() if name not in given and values in pairs]
    if not alike:
        return ""
    return f" Look at {', '.join(alike)} too: {'it holds' if len(alike) == 1 else 'they hold'} the same two values."


def _looked_for(task: Task, truth: NDArray[np.object_]) -> list[str]:
    """The classes that a column could hold: that of a flag, or all but the most frequent."""
    import numpy as np

    if isinstance(task.target, Flag):
        return [task.target.positive]
    names, counts = np.unique(truth.astype(str), return_counts=True)
    return [str(name) for name in np.delete(names, counts.argmax())]


def _given_away(
    column: Column, part: Examples, truth: NDArray[np.object_], classes: list[str]
) -> Iterator[str]:
    import numpy as np

    if isinstance(column, Series) and part.windows is not None:
        values = part.windows.last(column.name)
    elif isinstance(column, Number):
        values = part.numbers(column.name)
    else:
        cells = np.asarray(part.column(column.name), object)
        words = np.array([cell or "" for cell in cells], dtype=str)
        values = np.unique(words, return_inverse=True)[1].astype(np.float64)
    for name in classes:
        inside = truth == name
        if inside.sum() < FEWEST_ROWS:
            continue
        measured = not isinstance(column, Category)
        # That a sensor reads high in a fault is what it is there for; a code or a flag that does is written down later.
        sensing = isinstance(column, Series) and len(np.unique(values)) > MOST_CODES
        said = "" if sensing else (_by_threshold if measured else _by_value)(np.asarray(values), inside)
        if said:
            yield f"column {column.name!r} {said} of {name!r}"
            return
        # That one sensor tells one kind of several from the others is how kinds are told.
        telling = sensing and len(classes) > 1
        if measured and not telling and _tree_auc(np.asarray(values), inside) >= PERFECT:
            yield f"column {column.name!r} alone (AUC above {PERFECT}) knows all rows of {name!r}"
            return


def _holds(inside: NDArray[np.float64], rows: NDArray[np.float64], total: int) -> NDArray[np.bool_]:
    import numpy as np

    return np.asarray((rows >= FEWEST_ROWS) & (inside >= PURE * rows) & (inside >= LEAST_SHARE * total), bool)


def _by_threshold(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> str:
    """Whether all rows above, below or at one value are of the class."""
    import numpy as np

    known = np.isfinite(values)
    distinct, place = np.unique(values[known], return_inverse=True)
    rows = np.bincount(place, minlength=len(distinct)).astype(float)
    hits = np.bincount(place, weights=inside[known], minlength=len(distinct)).astype(float)
    total = int(inside.sum())
    for word, turn in (("at most", slice(None)), ("at least", slice(None, None, -1))):
        below, hit = rows[turn].cumsum(), hits[turn].cumsum()
        good = np.flatnonzero(_holds(hit, below, total))
        if len(good):
            at = good[-1]
            edge = distinct[turn][at]
            return (
                f"holds the target: where it is {word} {edge:g}, {hit[at]:,.0f} of {below[at]:,.0f} rows are"
            )
    good = np.flatnonzero(_holds(hits, rows, total))
    if len(good):
        at = good[hits[good].argmax()]
        return f"holds the target: where it is {distinct[at]:g}, {hits[at]:,.0f} of {rows[at]:,.0f} rows are"
    lost = ~known
    if _holds(np.array([inside[lost].sum()], float), np.array([lost.sum()], float), total)[0]:
        return f"holds the target: where it is missing, {inside[lost].sum():,} of {lost.sum():,} rows are"
    return ""


def _by_value(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> str:
    import numpy as np

    rows = np.bincount(values.astype(int)).astype(float)
    hits = np.bincount(values.astype(int), weights=inside).astype(float)
    good = np.flatnonzero(_holds(hits, rows, int(inside.sum())))
    if not len(good):
        return ""
    at = good[hits[good].argmax()]
    return f"holds the target: one of its values has {hits[at]:,.0f} of {rows[at]:,.0f} rows"


def _tree_auc(values: NDArray[np.float64], inside: NDArray[np.bool_]) -> float:
    from sklearn.metrics import roc_auc_score
    from sklearn.tree import DecisionTreeClassifier

    if inside.all():
        return 0.0
    table = values.reshape(-1, 1)
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=FEWEST_ROWS, random_state=0).fit(
        table, inside
    )
    return float(roc_auc_score(inside, tree.predict_proba(table)[:, 1]))
