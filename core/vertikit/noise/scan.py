"""The scan as a whole: who judges, which rows are judged, and what is suspicious about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.adapt.out_of_fold import out_of_fold
from vertikit.errors import UsageError, VertikitError
from vertikit.noise.confident import confident, self_confidence
from vertikit.noise.judges import Judge, choose_judge, leaves_as_it_is
from vertikit.noise.residuals import BOUND, usually
from vertikit.outcome.findings import matrix
from vertikit.run.refusing import refuse_forecast_task
from vertikit.select.choosing import choose_backbone
from vertikit.training.joining import with_experts

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.examples import Indices
    from vertikit.prepare.prepared import Prepared
    from vertikit.progress import Progress
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry

FEWEST_ROWS = 30
"""Fewer labelled rows judge nobody."""
FEWEST_OF_CLASS = 4
"""Rows of a class that a model must have learnt from before it can say that a row is none of it."""
LABELLED = "training and validation rows"
NO, YES = "no", "yes"
FROZEN = "probe"
"""The strategy that leaves an encoder as it is."""


@dataclass(frozen=True)
class Suspect:
    """A row whose label is probably wrong.

    Args:
        at: its position. part: `LABELLED`, or the name of a test part. finding: which one it is about, of several.
        given, likely: classes, or numbers. doubt: by which the list is ordered.
        confidence: of a class, the probability that it is the likely one. own: that it is the given one.
        deviations: of a number, how many robust standard deviations the two lie apart.
    """

    at: int
    part: str
    given: str | float
    likely: str | float
    doubt: float
    confidence: float | None = None
    own: float | None = None
    deviations: float | None = None
    finding: str = ""


@dataclass(frozen=True)
class Counted:
    """How many of the rows given one class are suspicious, the estimated share that is wrong, and what those are
    likelier to be."""

    label: str
    rows: int
    listed: int
    share: float
    instead: Mapping[str, int]


@dataclass
class Part:
    """One part judged: `rows` of it were, `unjudged` could not be. `share` is the estimated share of wrong labels (None
    for numbers), `by_class` one entry a class that has been given."""

    name: str
    rows: int = 0
    unjudged: int = 0
    suspects: list[Suspect] = field(default_factory=list)
    share: float | None = None
    by_class: list[Counted] = field(default_factory=list)


@dataclass(frozen=True)
class Scan:
    """What the scan came to: the labelled rows first, then each test part. `judge` in words; `divided`: into how
    many the labelled rows were divided; `scale`: the robust standard deviation of residuals, of numbers."""

    data: Prepared
    judge: str
    divided: int
    parts: tuple[Part, ...]
    scale: float | None = None

    @property
    def suspects(self) -> list[Suspect]:
        """All of them, part by part, the most doubtful first."""
        return [each for part in self.parts for each in part.suspects]


def scan_for(
    data: Prepared, layers: Sequence[Mapping[str, Any]], known: Registry, work: Path, progress: Progress
) -> Scan:
    """The scan by a task's recipe under those layers; an encoder that is pretrained is left as it is."""
    from vertikit.recipe import resolve_recipe
    from vertikit.training import quiet_libraries

    quiet_libraries()
    kind = data.outcome.kind
    task = known.task(data.task.name).for_outcome(kind)
    recipe = resolve_recipe(task, known, layers=layers)
    pretrained = choose_backbone(recipe.backbone, known, task.modalities).info().pretrained
    if pretrained and not leaves_as_it_is(recipe, known):
        recipe = resolve_recipe(task, known, layers=[*layers, {"strategy": FROZEN}])
    return scan(replace(data, task=data.task.for_outcome(kind)), recipe, known, work, progress)


def scan(data: Prepared, recipe: Recipe, known: Registry, work: Path, progress: Progress) -> Scan:
    """Judge the labels of a prepared fold.

    Training and validation rows are judged in turn, in five parts that divide no group, each by a model that learnt
    from the others. Test rows are judged by a model that learnt from all of these: nothing learns from a test row.
    Nothing is changed.

    Raises UsageError where the target, or the rows, do not allow it.
    """
    refuse_forecast_task(data.task, "check --noise")
    outcome, fold = data.outcome, data.folds[0]
    if outcome.kind not in ("classes", "numbers", "findings"):
        raise UsageError(
            f"{data.task.target.name} is {' or '.join(outcome.labels)}, which is learnt from {outcome.labels[0]} rows "
            "alone: no label of theirs can be told to be another.",
            "Leave out --noise.",
        )
    data, _ = with_experts(data, recipe, known, work, progress)
    truth = outcome.truth(data.examples, data.task.target.name)
    labelled = np.unique(np.concatenate([fold.train, fold.valid, fold.calibrate]))
    labelled = labelled[outcome.usable(truth[labelled])]
    if len(labelled) < FEWEST_ROWS:
        raise UsageError(
            f"{len(labelled):,} labelled rows for training and validation are too few to judge labels by: it takes "
            f"{FEWEST_ROWS}.",
            "Give more rows, or leave out --noise.",
        )
    parted = out_of_fold(outcome.strata(truth), data.examples.group, labelled, recipe.seed)
    if outcome.kind == "classes":
        _check_enough(truth, [inside for inside, _ in parted], data.task.target.name)
    judge = choose_judge(data, recipe, known, truth, parted, progress)
    tests = {name: rows[outcome.usable(truth[rows])] for name, rows in fold.tests.items()}
    asked = {name: rows for name, rows in tests.items() if len(rows)}
    if asked:
        progress.line(f"label noise: {judge.name}, for the test rows")
    final = judge.learn(labelled) if asked else None
    answers = judge.outside.copy()
    for rows in asked.values():
        assert final is not None
        answers[rows] = final(rows)
    learnt = {name: [(labelled, rows)] for name, rows in asked.items()}
    parts = {LABELLED: parted, **learnt}
    if outcome.kind == "numbers":
        return _numbers(data, judge, truth, answers, parts, len(parted))
    found = {name: Part(name) for name in parts}
    for question in _questions(data, truth, answers):
        _classes(question, parts, found)
    for part in found.values():
        part.suspects.sort(key=lambda each: -each.doubt)
    return Scan(data, judge.name, len(parted), tuple(found.values()))


def _check_enough(truth: NDArray[Any], learnt: Sequence[Indices], target: str) -> None:
    """UsageError where fewer than two classes have rows enough to be told from others."""
    enough = [
        label
        for label in set(truth[learnt[0]].tolist())
        if min(int((truth[rows] == label).sum()) for rows in learnt) >= FEWEST_OF_CLASS
    ]
    if len(enough) < 2:
        raise UsageError(
            f"fewer than two classes of {target} have {FEWEST_OF_CLASS + 1} rows (in as many groups, where rows have "
            "groups): labels cannot be judged by so few.",
            "Give more rows of each class, or leave out --noise.",
        )


@dataclass(frozen=True)
class _Question:
    """What is asked of each row: which of `labels`. `given` [N] are their numbers, -1 where not known."""

    finding: str
    labels: tuple[str, ...]
    given: Indices
    probabilities: NDArray[np.float64]


def _questions(data: Prepared, truth: NDArray[Any], answers: NDArray[np.float64]) -> list[_Question]:
    outcome = data.outcome
    if outcome.kind == "classes":
        return [_Question("", outcome.labels, outcome.encoded(truth), answers)]
    there = matrix(list(truth), outcome.labels)
    return [
        _Question(
            finding,
            (NO, YES),
            np.where(np.isnan(there[:, at]), -1, there[:, at]).astype(np.int64),
            np.stack([1 - answers[:, at], answers[:, at]], axis=1),
        )
        for at, finding in enumerate(outcome.labels)
    ]


def _classes(
    question: _Question, parts: Mapping[str, Sequence[tuple[Indices, Indices]]], found: Mapping[str, Part]
) -> None:
    """Add what one question shows of each part; thresholds are those of the labelled rows."""
    thresholds = np.ones(len(question.labels))
    for name, parted in parts.items():
        asked = np.concatenate([rows for _, rows in parted])
        asked = asked[question.given[asked] >= 0]
        judged = np.concatenate([rows[_judgeable(question, inside, rows)] for inside, rows in parted])
        part = found[name]
        part.rows += len(judged)
        part.unjudged += len(asked) - len(judged)
        if not len(judged):
            continue
        given, said = question.given[judged], question.probabilities[judged]
        if name == LABELLED:
            thresholds = self_confidence(said, given)
        told = confident(said, given, thresholds)
        before = part.rows - len(judged)
        part.share = ((part.share or 0.0) * before + told.share * len(judged)) / part.rows
        for place in np.flatnonzero(told.suspicious):
            own, likely = said[place, given[place]], said[place, told.likely[place]]
            part.suspects.append(
                Suspect(
                    int(judged[place]),
                    name,
                    question.labels[given[place]],
                    question.labels[told.likely[place]],
                    float(likely - own),
                    float(likely),
                    float(own),
                    finding=question.finding,
                )
            )
        for label, word in enumerate(question.labels):
            rows = given == label
            if rows.any():
                listed = told.suspicious & rows
                instead = np.bincount(told.likely[listed], minlength=len(question.labels))
                part.by_class.append(
                    Counted(
                        f"{question.finding}: {word}" if question.finding else word,
                        int(rows.sum()),
                        int(listed.sum()),
                        told.share_of(label),
                        {question.labels[at]: int(instead[at]) for at in np.argsort(-instead) if instead[at]},
                    )
                )


def _judgeable(question: _Question, inside: Indices, rows: Indices) -> NDArray[np.bool_]:
    """[n] whose given class the model has learnt from enough rows of."""
    learnt = question.given[inside]
    counts = np.bincount(learnt[learnt >= 0], minlength=len(question.labels))
    given = question.given[rows]
    return (given >= 0) & (counts[given] >= FEWEST_OF_CLASS)


def _numbers(
    data: Prepared,
    judge: Judge,
    truth: NDArray[Any],
    answers: NDArray[np.float64],
    parts: Mapping[str, Sequence[tuple[Indices, Indices]]],
    divided: int,
) -> Scan:
    """Residuals beyond the bound; how far they usually lie is that of the labelled rows."""
    residuals = np.asarray(truth, np.float64) - answers[:, 0]
    labelled = np.concatenate([rows for _, rows in parts[LABELLED]])
    usual = usually(residuals[labelled])
    if not usual.scale > 0:
        raise VertikitError(
            f"{data.task.target.name} is foretold without any error, so no row stands out.",
            "Look for a column that gives it away.",
        )
    found = []
    for name, parted in parts.items():
        rows = np.concatenate([each for _, each in parted])
        off = usual.deviations(residuals[rows])
        part = Part(name, rows=len(rows))
        for place in np.argsort(-off, kind="stable"):
            if off[place] <= BOUND:
                break
            at = int(rows[place])
            given, likely = float(truth[at]), float(answers[at, 0])
            part.suspects.append(
                Suspect(at, name, given, likely, float(off[place]), deviations=float(off[place]))
            )
        found.append(part)
    return Scan(data, judge.name, divided, tuple(found), usual.scale)
