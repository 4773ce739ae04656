"""Whether the classes of a target can be learnt and judged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from vertikit.columns import Column
from vertikit.errors import VertikitError
from vertikit.prepare.overlap import OUTSIDE, TRAIN
from vertikit.prepare.places import several
from vertikit.recipe.model import Cleaning
from vertikit.table_columns import Flag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Fold, Indices
    from vertikit.prepare.overlap import Reasons

MANY_CLASSES = 50
"""More than this, and in more than half of the rows a class of its own, is no set of classes."""


def check_is_class(target: Column, file_column: str, classes: NDArray[np.object_]) -> None:
    """VertikitError where the column holds one class, or nearly one for each row."""
    distinct = len(set(classes))
    if not distinct:
        raise VertikitError(
            f"column {file_column!r} is empty in all usable rows.",
            f"Name the column of the classes: --map {target.name}=COLUMN",
        )
    if distinct > MANY_CLASSES and distinct * 2 > len(classes):
        raise VertikitError(
            f"column {file_column!r} has {distinct:,} different values in {len(classes):,} rows: "
            "it looks like free text or an id, not like classes.",
            f"Name the column of the classes: --map {target.name}=COLUMN",
        )
    if distinct == 1:
        value = "one class" if target.private else f"the one class {classes[0]!r}"
        raise VertikitError(
            f"column {file_column!r} holds {value} in all {len(classes):,} usable rows.",
            "Give rows of at least two classes: there is nothing to tell apart.",
        )


def unseen(target: Column, classes: NDArray[np.object_], uses: NDArray[np.int8]) -> Reasons:
    """Examples of validation and test parts whose class no training example has."""
    import numpy as np

    learnt = set(classes[uses == TRAIN])
    judged = np.flatnonzero(uses > TRAIN)
    strange = [name for name in set(classes[judged]) if name not in learnt]
    return {
        at: f"{_named(target, classes[at])} does not occur in the training data"
        for at in (judged[np.isin(classes[judged], strange)].tolist() if strange else ())
    }


def rare(
    target: Column, classes: NDArray[np.object_], codes: Indices, uses: NDArray[np.int8], cleaning: Cleaning
) -> Reasons:
    """Examples of classes that have fewer different texts than the recipe asks for; VertikitError if they stop it."""
    import numpy as np

    if target.ordered:
        return {}  # a step of a scale is learnt from its neighbours too
    import pandas as pd

    usable = np.flatnonzero(uses > OUTSIDE)
    numbers, names = pd.factorize(classes[usable])
    different = pd.DataFrame({"class": numbers, "code": codes[usable]}).drop_duplicates()
    counts = dict(zip(names, np.bincount(different["class"], minlength=len(names)).tolist(), strict=True))
    few = {name: count for name, count in sorted(counts.items()) if count < cleaning.min_class_rows}
    if few and cleaning.rare_classes == "stop":
        raise VertikitError(
            f"{len(few):,} of {several(len(counts), 'class', 'classes')} of {target.name} with fewer than "
            f"{cleaning.min_class_rows} different rows, which cannot be both learnt and judged:",
            "Add rows of them, or go on without: --set cleaning.rare_classes=quarantine",
            details=[f"{_named(target, name)}: {several(count)}" for name, count in few.items()][:20],
        )
    return {
        at: f"{_named(target, classes[at])} has too few rows ({few[classes[at]]})"
        for at in (usable[np.isin(classes[usable], list(few))].tolist() if few else ())
    }


def check_sought(target: Column, fold: Fold, classes: NDArray[np.object_]) -> None:
    """VertikitError where a part of a fold has no row of the class that a flag looks for, or no other."""
    if not isinstance(target, Flag):
        return
    import numpy as np

    learnt = np.concatenate([fold.train, fold.valid])
    parts = {"training": learnt} if fold.refit else {"training": fold.train, "validation": fold.valid}
    parts |= {name if name == "test" else f"test {name!r}": part for name, part in fold.tests.items()}
    for name, part in parts.items():
        count = int(np.count_nonzero(classes[part] == target.positive))
        if not count or count == len(part):
            what = "no" if not count else "nothing but"
            raise VertikitError(
                f"the {name} part has {what} {target.positive!r} among its {len(part):,} rows, so it can neither teach "
                "nor judge.",
                "Give more rows, or other parts: --set split.test=… and --set split.valid=… (by time also "
                "split.test_span and split.valid_span).",
            )


def learnt_classes(fold: Fold, classes: NDArray[np.object_]) -> set[str]:
    """The classes of a fold's training, validation and calibration rows."""
    return {name for part in (fold.train, fold.valid, fold.calibrate) for name in classes[part]}


def check_both_sides(target: Column, fold: Fold, classes: NDArray[np.object_]) -> None:
    """VertikitError where a part that is to choose or judge has one of a flag's two classes alone."""
    parts = {} if fold.refit else {"validation": fold.valid}
    for name, part in {**parts, **fold.tests}.items():
        found = set(classes[part])
        if len(found) == 1 and isinstance(target, Flag):
            only = found.pop()
            lacks = f"no {target.positive!r}" if only != target.positive else f"nothing but {only!r}"
            option = {"validation": "valid"}.get(name, "test")
            raise VertikitError(
                f"the {name} part has {lacks} among its {several(len(part))}, so nothing can be "
                f"{'chosen' if name == 'validation' else 'judged'} by it.",
                f"Give more rows, another share (--set split.{option}=…), another --seed, or rows of your own "
                f"(--{option} DATA).",
            )


def class_notes(target: Column, folds: Sequence[Fold], classes: NDArray[np.object_]) -> Iterator[str]:
    """Sentences on classes that differ in case alone, or that no test row has."""
    learnt = {name for fold in folds for name in learnt_classes(fold, classes)}
    folded: dict[str, list[str]] = defaultdict(list)
    for name in sorted(learnt):
        folded[name.casefold()].append(name)
    for names in folded.values():
        if len(names) > 1 and not target.private:
            yield (
                f"classes {' and '.join(map(repr, names))} differ in case alone and count as {len(names)}: "
                "make them one in the data if they are one"
            )
    judged = {name for fold in folds for test in fold.tests.values() for name in classes[test]}
    if unjudged := sorted(learnt - judged):
        names = [] if target.private else [repr(name) for name in unjudged[:10]]
        which = f": {', '.join(names)}" if names else ""
        classes_ = several(len(unjudged), "class", "classes")
        yield f"{classes_} without a test row, so nothing is known of how well they are told{which}"


def _named(target: Column, name: str) -> str:
    return "its class" if target.private else f"class {name!r}"
