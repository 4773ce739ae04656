"""What a baseline has to keep to (`vertikit.contracts.Baseline`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.testing.check import NotApplicable, check, expect
from vertikit.testing.generic import built, refuses
from vertikit.testing.subject import Subject, refusal, takes

if TYPE_CHECKING:
    from vertikit.testing.made.rows import Made

ROWS, TRAIN = 96, 64
TRUTHS: Mapping[str, tuple[str, ...]] = {
    "three classes": ("one", "two", "three"),
    "a number": (),
    "sound or odd": ("sound", "odd"),
}


@dataclass
class Learning:
    """Rows and a kind of truth that the baseline takes."""

    made: Made
    kind: str

    @property
    def labels(self) -> tuple[str, ...]:
        return TRUTHS[self.kind]

    @property
    def target(self) -> NDArray[Any]:
        """[ROWS] as `fit` takes it."""
        if self.kind == "a number":
            return self.made.numbers
        names = np.array(("one", "two", "three") if self.kind == "three classes" else ("sound",) * 3, object)
        return np.asarray(names[self.made.codes])

    def fit(self, baseline: Any) -> Any:
        train, valid = np.arange(TRAIN), np.arange(TRAIN, ROWS)
        target = self.target
        baseline.fit(
            self.made.examples.take(train), target[train], self.made.examples.take(valid), target[valid]
        )
        return baseline

    def answers(self, baseline: Any, made: Made | None = None) -> NDArray[np.float64]:
        """[N, A]."""
        examples = (made or self.made).examples
        if self.kind == "a number":
            return np.asarray(baseline.numbers(examples), np.float64).reshape(-1, 1)
        return np.asarray(baseline.probabilities(examples, self.labels), np.float64)


def _learning(subject: Subject) -> Learning:
    """The first rows and truths that it takes; `NotApplicable` where it refuses all of them."""
    from vertikit.testing.made.rows import KINDS, made

    def find() -> Learning:
        error: Exception | None = None
        for kind in TRUTHS:
            if not hasattr(subject.factory, "numbers" if kind == "a number" else "probabilities"):
                continue
            for rows in KINDS:
                learning = Learning(made(rows, ROWS), kind)
                try:
                    learning.answers(learning.fit(_built(subject, learning.made)))
                except NotApplicable:
                    raise
                except Exception as refused:
                    error = error if error is not None and refusal(error) is None else refused
                    continue
                return learning
        if error is not None and refusal(error) is None:
            raise error
        raise NotApplicable(f"it refuses all rows of the kit ({error})")

    found: Learning = subject.once("learning", find)
    return found


def _built(subject: Subject, made: Made, options: Mapping[str, Any] | None = None) -> Any:
    given: dict[str, Any] = {"inputs": made.task.inputs, "seed": 0}
    if takes(subject.factory, "columns"):
        given["columns"] = made.task.columns
    return subject.make(**given, **(options or {}))


def _make(subject: Subject, options: Mapping[str, Any]) -> Any:
    return _built(subject, _learning(subject).made, options)


def _fitted(subject: Subject) -> tuple[Learning, Any]:
    """The rows, and a baseline that has learnt from them, once for all checks."""
    learning = _learning(subject)
    return learning, subject.once("fitted", lambda: _another(subject))


def _another(subject: Subject) -> Any:
    learning = _learning(subject)
    return learning.fit(_built(subject, learning.made))


@check("baselines", "shapes")
def shapes(subject: Subject) -> None:
    """Answers are probabilities by label, or numbers, one an example, and finite."""
    learning, baseline = _fitted(subject)
    found = learning.answers(baseline)
    wanted = (ROWS, max(1, len(learning.labels)))
    expect(found.shape == wanted, f"answers are {found.shape}, not {wanted}")
    expect(np.isfinite(found).all(), "an answer is not finite")
    if learning.labels:
        expect((found >= 0).all() and (found <= 1).all(), "a probability is outside 0 to 1")
        expect(np.allclose(found.sum(axis=1), 1, atol=1e-6), "probabilities do not add up to 1")


@check("baselines", "labels")
def labels(subject: Subject) -> None:
    """Probabilities stand in the order of the labels that are asked for."""
    learning, baseline = _fitted(subject)
    if learning.kind != "three classes":
        raise NotApplicable("it does not tell classes apart")
    order = [2, 0, 1]
    mixed = tuple(learning.labels[at] for at in order)
    found = np.asarray(baseline.probabilities(learning.made.examples, mixed))
    expect(
        np.allclose(found, learning.answers(baseline)[:, order], atol=1e-9),
        "they stand in an order of their own",
    )


@check("baselines", "seed")
def seed(subject: Subject) -> None:
    """The same seed and rows give the same answers."""
    learning, baseline = _fitted(subject)
    other = _another(subject)
    expect(np.allclose(learning.answers(baseline), learning.answers(other), atol=1e-9), "answers differ")


@check("baselines", "company")
def company(subject: Subject) -> None:
    """An example's answer is the same in any batch."""
    learning, baseline = _fitted(subject)
    whole = learning.answers(baseline)
    order = np.random.default_rng(0).permutation(ROWS)
    mixed = learning.answers(baseline, learning.made.take(order))
    expect(np.allclose(mixed, whole[order], atol=1e-6), "answers change with the order")
    few = learning.answers(baseline, learning.made.take(np.arange(3)))
    expect(np.allclose(few, whole[:3], atol=1e-6), "answers change with the number of examples")


@check("baselines", "target")
def target(subject: Subject) -> None:
    """The target's own column, and the row's id, are not read."""
    from vertikit.testing.made.rows import OTHER, TARGET

    learning, baseline = _fitted(subject)
    other = learning.made.with_columns(
        **{TARGET: [OTHER] * ROWS, "id": [f"other {at}" for at in range(ROWS)]}
    )
    same = np.allclose(learning.answers(baseline), learning.answers(baseline, other), atol=1e-9)
    expect(same, "answers change with the truth, or with names of rows")


@check("baselines", "refit")
def refit(subject: Subject) -> None:
    """Refitted on other rows it is another one, and the first stays as it was."""
    learning, baseline = _fitted(subject)
    before = learning.answers(baseline)
    some = np.arange(0, ROWS, 2)
    other = baseline.refit(learning.made.examples.take(some), learning.target[some])
    expect(other is not baseline, "it gives itself back")
    expect(np.array_equal(learning.answers(baseline), before), "the first answers otherwise after it")
    expect(np.isfinite(learning.answers(other)).all(), "the refitted one does not answer")


@check("baselines", "save")
def save(subject: Subject) -> None:
    """What was saved and read back gives equal answers."""
    from vertikit.fitted_store import load_fitted, save_fitted

    learning, baseline = _fitted(subject)
    save_fitted(subject.folder, "baseline", baseline)
    other = _built(subject, learning.made)
    load_fitted(subject.folder, "baseline", other)
    expect(np.array_equal(learning.answers(other), learning.answers(baseline)), "answers differ")


CHECKS = (
    built("baselines", ("fit", "refit", "state", "load"), _make),
    shapes, labels, seed, company, target, refit, save,
    refuses("baselines", _make),
)  # fmt: skip
