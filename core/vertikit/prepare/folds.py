"""One fold made leak-free, whatever split it came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vertikit.errors import VertikitError
from vertikit.examples import Fold
from vertikit.prepare.leaks import Leaks
from vertikit.prepare.near_duplicates import near_duplicates
from vertikit.prepare.overlap import may_be_known, overlap, repeats, uses_by_fold
from vertikit.prepare.places import several
from vertikit.prepare.splitting import few_labelled
from vertikit.recipe.model import Recipe
from vertikit.task import Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from vertikit.examples import Examples, Indices


SHARED = "that share readings, or what follows them, with an example of a part that judges them"


def without_shared_readings(fold: Fold, examples: Examples) -> Fold:
    """The fold without those windows whose readings, or the time that their target looks ahead to, reach into a part
    that judges them: of training into validation or test, of validation into a test."""
    import numpy as np

    if examples.windows is None:
        return fold
    windows = examples.windows
    tested = np.unique(np.concatenate([np.empty(0, np.int64), *fold.tests.values()]))
    valid = np.union1d(fold.valid, fold.calibrate)
    seen = windows.take(tested).judged()
    judged = seen | windows.take(valid).judged()

    def clear(part: Indices, marked: NDArray[np.bool_]) -> Indices:
        return part[~windows.take(part).touching(marked)]

    cleared = replace(
        fold,
        train=clear(fold.train, judged),
        valid=clear(fold.valid, seen),
        calibrate=clear(fold.calibrate, seen),
    )
    left = np.concatenate([cleared.train, cleared.valid, cleared.calibrate])
    lost = np.setdiff1d(np.union1d(fold.train, valid), left)
    return replace(cleared, outside={**fold.outside, SHARED: lost}) if len(lost) else cleared


def leak_free(
    task: Task,
    fold: Fold,
    examples: Examples,
    codes: Indices,
    classes: NDArray[np.object_],
    recipe: Recipe,
    leaks: Leaks,
) -> Fold:
    """The fold without the rows that leak (all of them, where the recipe allows leaks); `leaks` counts them.

    It is to be refitted where the validation rows that are left are few.
    """
    import numpy as np

    uses = uses_by_fold(fold, len(examples))
    found = overlap(examples, codes, uses, may_be_known(task, fold, examples))
    leaks.add(found)
    leaking = [*found.copies, *found.members]
    again = repeats(examples, codes, _without(fold.train, leaking))
    leaks.repeats |= again
    if not recipe.allow_leaks:
        tests = fold.tests
        fold = replace(fold.each(lambda part: _without(part, [*leaking, *again])), tests=tests)
    judged = np.concatenate([fold.valid, *fold.tests.values()])
    fresh = _without(fold.train, leaking)
    near = near_duplicates(
        task, examples, fresh, judged, recipe.cleaning.near_duplicate, recipe.pictures.near_duplicate
    )
    leaks.near |= set(fresh[near].tolist())

    without = set(np.concatenate([classes[fold.valid], classes[fold.calibrate]])) - set(classes[fold.train])
    if not len(fold.train) or without:
        raise VertikitError(
            f"{several(len(without), 'class', 'classes')} without training rows, once rows that leak are taken out.",
            "Give more rows of rare classes, or leave those out: --set cleaning.rare_classes=quarantine "
            "--set cleaning.min_class_rows=NUMBER",
        )
    few = few_labelled(classes[fold.valid], classes[np.union1d(fold.train, fold.valid)])
    return replace(fold, refit=fold.refit or few)


def _without(part: Indices, gone: Sequence[int]) -> Indices:
    """The positions that are not `gone`, in rising order."""
    import numpy as np

    rest = part[~np.isin(part, gone)] if len(gone) else part
    return np.sort(rest)
