from __future__ import annotations

from dataclasses import replace

import numpy as np

from vertikit import UsageError
from vertikit.examples import Fold


class Sound:
    """Groups are dealt out at random; a row without one is a group of its own."""

    def fits(self, examples):
        return not examples.part.any()

    def units(self, examples):
        if examples.group is None:
            return np.arange(len(examples))
        names = [f"alone {at}" if each is None else each for at, each in enumerate(examples.group)]
        return np.unique(names, return_inverse=True)[1]

    def random(self, seed):
        return np.random.default_rng(seed)

    def split(self, examples, classes, *, test, valid, seed):
        if not self.fits(examples):
            raise UsageError("it would mix the parts.", "Use another.")
        units = self.units(examples)
        place = self.random(seed).permutation(units.max() + 1)[units] / (units.max() + 1)
        tested, judged = place < test, (place >= test) & (place < test + valid)
        parts = [np.flatnonzero(each) for each in (~tested & ~judged, judged, tested)]
        return [Fold(parts[0], parts[1], parts[1], {"test": parts[2]})]


class Losing(Sound):
    def split(self, examples, classes, **how):
        (fold,) = super().split(examples, classes, **how)
        return [replace(fold, train=fold.train[:-1])]


class Untested(Sound):
    def split(self, examples, classes, **how):
        (fold,) = super().split(examples, classes, **how)
        return [replace(fold, tests={}, outside={"set aside": fold.tests["test"]})]


class Dividing(Sound):
    def units(self, examples):
        return np.arange(len(examples))


class Familiar(Sound):
    def split(self, examples, classes, **how):
        (fold,) = super().split(examples, classes, **how)
        return [replace(fold, train=fold.train[::2], tests={**fold.tests, "later": fold.train[1::2]})]


class Timeless(Sound):
    def fits(self, examples):
        return examples.span is not None and not examples.part.any()


class Lucky(Sound):
    def random(self, seed):
        return np.random.default_rng()


class Lenient(Sound):
    def split(self, examples, classes, **how):
        return super().split(replace(examples, part=np.full(len(examples), "", object)), classes, **how)


SOUND = Sound
BROKEN = {
    "rows": Losing,
    "parts": Untested,
    "groups": Dividing,
    "further tests": Familiar,
    "time": Timeless,
    "seed": Lucky,
    "misfit": Lenient,
}
