"""The parts that the user gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit import UsageError
from vertikit.examples import Examples, Fold
from vertikit_plugins.splits.holding_out import hold_out

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Official:
    """One fold of the parts as given; what is missing is held out of the training rows, groups whole.

    Validation is the part "valid", and every other part a test by its name; where none is called
    "test", that one is held out as well, unless `test` is 0 and there are others.
    """

    def fits(self, examples: Examples) -> bool:
        return bool(examples.part.any())

    def split(
        self, examples: Examples, classes: NDArray[np.object_], *, test: float, valid: float, seed: int
    ) -> list[Fold]:
        import numpy as np

        if not self.fits(examples):
            raise UsageError(
                "the split 'official' needs parts of your own.", "Give them with --valid and --test."
            )
        parts = {str(part): np.flatnonzero(examples.part == part) for part in dict.fromkeys(examples.part)}
        train = parts.pop("", np.empty(0, np.int64))
        if test and "test" not in parts:
            train, parts["test"] = hold_out(examples, classes, train, share=test, seed=seed)
        if "valid" not in parts:
            train, parts["valid"] = hold_out(examples, classes, train, share=valid, seed=seed + 1)
        validation = parts.pop("valid")
        return [Fold(train, validation, validation, parts)]
