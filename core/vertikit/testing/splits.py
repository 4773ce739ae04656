"""What a split has to keep to (`vertikit.contracts.Split`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.testing.check import Failed, NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject

if TYPE_CHECKING:
    from vertikit.contracts import Split
    from vertikit.examples import Examples, Fold

ROWS, TEST, VALID = 120, 0.2, 0.15
CLASSES = np.array(["one", "two", "three"], object)[np.random.default_rng(0).integers(0, 3, ROWS)]


def _data() -> Mapping[str, Examples]:
    """What data may have: nothing, groups, times, both, and parts of the user's own."""
    from vertikit.testing.made.rows import made

    random = np.random.default_rng(1)
    whole = replace(made("table", ROWS).examples, part=np.full(ROWS, "", object))
    group = np.array(
        [None if at % 17 == 0 else f"g{each}" for at, each in enumerate(random.integers(0, 24, ROWS))], object
    )
    # Rows of a file are in no order, and an example has seen some time.
    start = random.permutation(np.arange(ROWS)) * 86_400.0 / 2 + 1.7e9
    span = np.column_stack([start, start + 3_600.0])
    parts = np.array([["", "", "", "valid", "test", "later"][at % 6] for at in range(ROWS)], object)
    plain = replace(whole, group=None, span=None)
    return {
        "plain rows": plain,
        "groups": replace(plain, group=group),
        "times": replace(plain, span=span),
        "groups and times": replace(plain, group=group, span=span),
        "parts": replace(plain, part=parts),
        "parts and groups": replace(
            plain, part=np.where(parts == "later", "test", parts), group=_apart(parts, random)
        ),
    }


def _apart(parts: NDArray[np.object_], random: np.random.Generator) -> NDArray[np.object_]:
    """Groups that no part shares with another."""
    return np.array(
        [f"{part or 'train'}-{random.integers(0, 6)}" for part in np.where(parts == "later", "test", parts)],
        object,
    )


def _fitting(subject: Subject) -> Mapping[str, Examples]:
    """The data that the split says it fits; `NotApplicable` where it fits none: it is for other kinds."""
    split: Split = subject.make()
    found = {name: examples for name, examples in _data().items() if split.fits(examples)}
    if not found:
        raise NotApplicable(f"it fits none of the kit's data ({', '.join(_data())})")
    return found


def _folds(subject: Subject, examples: Examples, seed: int = 0) -> list[Fold]:
    folds: list[Fold] = subject.make().split(examples, CLASSES, test=TEST, valid=VALID, seed=seed)
    expect(folds, "it gives no fold")
    return folds


def _each(subject: Subject) -> Iterator[tuple[str, Examples, Fold]]:
    for name, examples in _fitting(subject).items():
        for fold in _folds(subject, examples):
            yield name, examples, fold


@check("splits", "rows")
def rows(subject: Subject) -> None:
    """No row is lost or in two parts; those of no part are named with why."""
    for name, examples, fold in _each(subject):
        parts: dict[str, Any] = {"train": fold.train, "valid": fold.valid}
        parts |= {f"test {key!r}": part for key, part in fold.tests.items()}
        parts |= {f"outside {key!r}": part for key, part in fold.outside.items()}
        if not np.array_equal(fold.calibrate, fold.valid):
            parts["calibrate"] = fold.calibrate
        every = np.concatenate([np.asarray(part) for part in parts.values()])
        expect(every.dtype.kind in "iu", f"{name}: positions are {every.dtype}, not whole numbers")
        values, counts = np.unique(every, return_counts=True)
        expect(
            (values >= 0).all() and (values < len(examples)).all(), f"{name}: a position is none of the rows"
        )
        expect(counts.max(initial=1) == 1, f"{name}: row {int(values[counts.argmax()])} is in two parts")
        lost = np.setdiff1d(np.arange(len(examples)), values)
        expect(
            not len(lost), f"{name}: {len(lost)} of {len(examples)} rows are in no part, and nothing says why"
        )
        expect(all(str(why).strip() for why in fold.outside), f"{name}: rows stand outside without a reason")


@check("splits", "parts")
def parts(subject: Subject) -> None:
    """Every fold has rows to train, to calibrate and to test."""
    for name, _, fold in _each(subject):
        expect(
            len(fold.train) > len(fold.valid),
            f"{name}: {len(fold.train)} rows train, {len(fold.valid)} validate",
        )
        expect(len(fold.calibrate) or fold.refit, f"{name}: no row calibrates")
        expect(fold.tests and all(map(len, fold.tests.values())), f"{name}: a test part is missing or empty")


@check("splits", "groups")
def groups(subject: Subject) -> None:
    """No group of the test is in training or validation, and none is in both of these."""
    tried = 0
    for name, examples, fold in _each(subject):
        if examples.group is None or not fold.tests:
            continue
        tried += 1
        main = fold.tests.get("test", next(iter(fold.tests.values())))
        sides = {"train": fold.train, "valid": fold.valid, "test": main}
        of = {
            side: {each for each in examples.group[part] if each is not None} for side, part in sides.items()
        }
        for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
            both = sorted(of[one] & of[other])
            expect(not both, f"{name}: {len(both)} groups are in {one} and {other}, {both[:1]} among them")
    if not tried:
        raise NotApplicable("it fits no data with groups")


@check("splits", "further tests")
def further_tests(subject: Subject) -> None:
    """No group of a further test is in training or validation."""
    tried = 0
    for name, examples, fold in _each(subject):
        main = "test" if "test" in fold.tests else next(iter(fold.tests), "")
        for key, part in fold.tests.items():
            if key == main or examples.group is None:
                continue
            tried += 1
            learnt = {
                each for each in examples.group[np.concatenate([fold.train, fold.valid])] if each is not None
            }
            both = learnt & set(examples.group[part])
            expect(not both, f"{name}: {len(both)} groups of {key!r} are known to training")
    if not tried:
        raise NotApplicable("it makes no further test of data with groups")


@check("splits", "time")
def time(subject: Subject) -> None:
    """A split that needs times trains and validates on nothing that ends after a test begins."""
    split: Split = subject.make()
    needing = [
        name
        for name, examples in _fitting(subject).items()
        if examples.span is not None and not split.fits(replace(examples, span=None))
    ]
    if not needing:
        raise NotApplicable("it does not need times")
    for name in needing:
        examples = _data()[name]
        assert examples.span is not None
        for fold in _folds(subject, examples):
            learnt = np.concatenate([fold.train, fold.valid, fold.calibrate])
            for key, part in fold.tests.items():
                late = int((examples.span[learnt, 1] > examples.span[part, 0].min()).sum())
                expect(
                    not late, f"{name}: {late} rows that are learnt from end after the test {key!r} begins"
                )


@check("splits", "seed")
def seed(subject: Subject) -> None:
    """The same seed gives the same parts."""
    for name, examples in _fitting(subject).items():
        for one, other in zip(_folds(subject, examples, 3), _folds(subject, examples, 3), strict=True):
            same = np.array_equal(one.train, other.train) and np.array_equal(one.valid, other.valid)
            same &= one.tests.keys() == other.tests.keys()
            same &= all(np.array_equal(part, other.tests[key]) for key, part in one.tests.items() if same)
            expect(same, f"{name}: two splits of one seed differ")


@check("splits", "misfit")
def misfit(subject: Subject) -> None:
    """Data that it does not fit is refused by a UsageError."""
    from vertikit.errors import UsageError

    split: Split = subject.make()
    strange = {name: examples for name, examples in _data().items() if not split.fits(examples)}
    if not strange:
        raise NotApplicable("it fits all data")
    for name, examples in strange.items():
        try:
            split.split(examples, CLASSES, test=TEST, valid=VALID, seed=0)
        except UsageError:
            continue
        except Exception as error:
            raise Failed(
                f"{name}: {type(error).__name__}: {error}; raise UsageError with what to do"
            ) from error
        raise Failed(f"{name}: it says that these do not fit, and splits them all the same")


CHECKS = (
    built("splits", ("fits", "split")),
    rows, parts, groups, further_tests, time, seed, misfit,
    refuses("splits"),
)  # fmt: skip
