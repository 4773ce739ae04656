"""All of an explanation, in order: what changed, what that was worth, a control, reasons of rows, shares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from vertikit.deploy.evaluating import without_known, without_unknown_labels
from vertikit.deploy.predicting import read_examples
from vertikit.errors import VertikitError
from vertikit.evaluate.metrics import resolve_metrics
from vertikit.explain.attribution import Reasons, reasons, require_captum
from vertikit.explain.changes import Change, changes
from vertikit.explain.control import control as trained_on_shuffled
from vertikit.explain.correlation import lead, rank_correlation
from vertikit.explain.deletion import over_rows
from vertikit.explain.parts import Reference
from vertikit.explain.reverting import Judge, Reverted
from vertikit.explain.shares import blend, experts
from vertikit.explain.similarity import kept
from vertikit.explain.weights import REST, Encoder, read_encoder
from vertikit.run.refusing import refuse_forecasts

if TYPE_CHECKING:
    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Source
    from vertikit.progress import Progress
    from vertikit.run.run import Run

COMPARED, JUDGED, SHARED = 256, 2000, 500
"""Rows on which outputs are compared, on which a reverted block is judged, and over which shares are taken, at most."""
MEASURES: Mapping[str, str] = {"norm": "relative norm", "outputs": "1 - CKA"}
YARDSTICKS: Mapping[str, str] = {"metric": "the metric lost", "loss": "the rise of the loss"}


@dataclass(frozen=True)
class Adapted:
    """What a training changed, and what each change was worth.

    Args:
        changes: of each block. reverted: of each block that changed, where rows judged it. score: of the whole model
            there. correlations: measure of change -> yardstick -> rank correlation over blocks.
    """

    changes: list[Change]
    reverted: list[Reverted] = field(default_factory=list)
    score: Mapping[str, Any] = field(default_factory=dict)
    correlations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Explained:
    """An explanation.

    Args:
        notes: what was left out, and why. adapted: the run. control: the same recipe on shuffled labels.
        against: yardstick -> rank correlation of the control's change with what the run's own blocks are worth.
        lead: yardstick -> by how much the run's own change follows that better. judged: rows that judged blocks.
        reasons: of rows. faithful: the deletion test over these. experts, blend: shares.
    """

    run: str
    task: str
    primary: str
    higher_is_better: bool
    notes: list[str]
    adapted: Adapted
    judged: int = 0
    control: Adapted | None = None
    against: Mapping[str, Any] = field(default_factory=dict)
    lead: Mapping[str, Any] = field(default_factory=dict)
    reasons: list[Reasons] = field(default_factory=list)
    faithful: Mapping[str, Any] = field(default_factory=dict)
    experts: list[dict[str, Any]] = field(default_factory=list)
    blend: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Given:
    """Rows as the user named them."""

    data: tuple[Source, ...]
    mapping: Mapping[str, str]
    drop: tuple[str, ...]
    root: str

    def read(self, run: Run, folder: Path, *, targets: bool) -> Any:
        """As the run reads them; see `read_examples`."""
        folder.mkdir()
        return read_examples(run, self.data, self.mapping, self.drop, self.root, folder, targets=targets)


def explain(
    run: Run,
    given: Given | None,
    control: Given | None,
    *,
    rows: int,
    progress: Progress,
) -> Explained:
    """What the run's training changed; with rows, what that was worth and why they got their answers; with a `control`,
    the same of its recipe on the training part of those rows with shuffled labels.

    Args:
        rows: whose answers are explained, at most; drawn by the recipe's seed.
    """
    refuse_forecasts(run, "explain")
    if given is not None and rows:
        require_captum()
    primary = str(run.metrics["primary"])
    seed, notes = run.recipe.seed, []
    higher = resolve_metrics([primary], run.registry)[primary].higher_is_better
    encoder = read_encoder(run)
    if encoder.untold:
        notes.append(f"What the adaptation changed cannot be told: {encoder.untold}.")
    found = Explained(run.folder.name, run.task.name, primary, higher, notes, Adapted(changes(encoder)))
    if encoder.blocks and not any(each.moved for each in found.adapted.changes):
        notes.append(
            f"The strategy {run.recipe.strategy.name!r} left the encoder as it was: all that was learnt is in the head."
        )
    elif not encoder.blocks and not encoder.untold:
        notes.append("The encoder has no weights that could change: all that was learnt is in the head.")
    moved = any(each.moved for each in found.adapted.changes)
    with TemporaryDirectory(prefix="vertikit-explain-") as name:
        work = Path(name)
        judge = seen = None
        if given is not None:
            seen = _seen(run, encoder, given, work, progress)
            if moved:
                judge = _judge(run, encoder, given, work, notes, progress)
        if moved:
            found = replace(found, adapted=_accounted(encoder, seen, judge, seed, progress))
            found = replace(found, judged=0 if judge is None else len(judge.examples))
        if control is not None and moved:
            other = trained_on_shuffled(
                run, control.data, control.mapping, control.drop, control.root, work / "control", progress
            )
            own = _accounted(other, seen, judge, seed, progress)
            found = replace(found, control=own, **_beside(found.adapted, own, seed))
        elif control is not None:
            notes.append("The control is left out: there is no change that it could be compared with.")
        if seen is not None:
            found = _of_rows(found, run, encoder, seen, rows, progress)
    return found


def _seen(run: Run, encoder: Encoder, given: Given, work: Path, progress: Progress) -> Examples:
    """All rows that can be used, with or without labels; VertikitError where there is none."""
    found = given.read(run, work / "rows", targets=False)
    progress.line(f"rows: {found.read:,} read, {len(found.bad):,} cannot be used")
    if not len(found.examples):
        raise VertikitError(
            f"none of the {found.read:,} rows can be used.",
            "Mend the rows, or name other columns: --map ROLE=COLUMN",
            details=sorted({bad.reason for bad in found.bad})[:10],
        )
    examples: Examples = encoder.parts.known(found.examples, run.task)
    return examples


def _judge(
    run: Run, encoder: Encoder, given: Given, work: Path, notes: list[str], progress: Progress
) -> Judge | None:
    """The rows that blocks are judged on; None, and a note, where there are none."""
    task = run.task
    try:
        found = given.read(run, work / "labelled", targets=True)
        found = without_unknown_labels(found, run.outcome, task.target)
        known = encoder.parts.learnt_from.seen(task, found.examples)
        if known:
            progress.line(f"leaks: {len(known):,} rows that the run has learnt from are left out")
            found = without_known(found, known)
            notes.append(
                f"{len(known):,} rows that the run has learnt from, or others of their group, judge no block."
            )
    except VertikitError as error:
        notes.append(f"What each block is worth is not told: {error.what}")
        return None
    examples = encoder.parts.known(found.examples, task)
    if len(examples) > JUDGED:
        notes.append(f"Blocks are judged on {JUDGED:,} of {len(examples):,} rows, drawn at random.")
        examples = examples.take(_some(len(examples), JUDGED, run.recipe.seed))
    return Judge(run, examples, run.outcome.truth(examples, task.target.name))


def _accounted(
    encoder: Encoder, seen: Examples | None, judge: Judge | None, seed: int, progress: Progress
) -> Adapted:
    """What changed, and what it was worth where there are rows for that."""
    found = changes(encoder)
    if seen is not None:
        alike = kept(encoder, seen.take(_some(len(seen), COMPARED, seed)), progress)
        found = [replace(each, kept=own) for each, own in zip(found, alike, strict=True)]
    blocks = [block for block, own in zip(encoder.blocks, found, strict=True) if own.moved]
    found = [each for each in found if each.moved or each.name != REST]
    if judge is None:
        return Adapted(found)
    reverted = judge.reverted(encoder, blocks, progress)
    whole = Adapted(found, reverted, judge.whole(encoder))
    return replace(
        whole,
        correlations={
            measure: {
                yardstick: _correlation(whole, whole, measure, yardstick, seed) for yardstick in YARDSTICKS
            }
            for measure in MEASURES
        },
    )


def _beside(own: Adapted, other: Adapted, seed: int) -> dict[str, Any]:
    """What the change of a control has to do with what the run's own blocks are worth."""
    if not own.reverted:
        return {}
    against = {yardstick: _correlation(other, own, "norm", yardstick, seed) for yardstick in YARDSTICKS}
    leads = {}
    for yardstick in YARDSTICKS:
        ours, lost = pairs(own, own, "norm", yardstick)
        theirs, same = pairs(other, own, "norm", yardstick)
        if lost == same:
            leads[yardstick] = lead(ours, theirs, lost, seed)
    return {"against": against, "lead": leads}


def pairs(changed: Adapted, worth: Adapted, measure: str, yardstick: str) -> tuple[list[float], list[float]]:
    """Of each block for which both are known: how far it changed on one side, and what it is worth on the other."""
    lost = {
        each.name: (each.lost if yardstick == "metric" else each.loss)["value"] for each in worth.reverted
    }
    found = [
        (amount, lost[each.name])
        for each in changed.changes
        if lost.get(each.name) is not None and (amount := amount_of(each, measure)) is not None
    ]
    return [one for one, _ in found], [two for _, two in found]


def amount_of(change: Change, measure: str) -> float | None:
    """How far a block changed by one of `MEASURES`."""
    if measure == "norm":
        return change.norm
    return None if change.kept is None else 1 - change.kept


def _correlation(changed: Adapted, worth: Adapted, measure: str, yardstick: str, seed: int) -> dict[str, Any]:
    return rank_correlation(*pairs(changed, worth, measure, yardstick), seed)


def _of_rows(
    found: Explained, run: Run, encoder: Encoder, seen: Examples, rows: int, progress: Progress
) -> Explained:
    """Reasons of some rows, and shares over more of them."""
    parts, seed = encoder.parts, run.recipe.seed
    reference = Reference.of(parts, run.task, seen)
    shared = seen.take(_some(len(seen), SHARED, seed))
    found = replace(
        found,
        experts=experts(parts, shared, reference, seed),
        blend=blend(parts, shared, seed),
    )
    if not rows:
        return found
    asked = seen.take(_some(len(seen), rows, seed))
    told = reasons(parts, run.task, asked, reference, seed, progress)
    tested = [(at, each.deletion) for at, each in enumerate(told) if each.deletion is not None]
    groups = None if asked.group is None else asked.group[[at for at, _ in tested]]
    return replace(found, reasons=told, faithful=over_rows([each for _, each in tested], groups, seed))


def _some(count: int, most: int, seed: int) -> Any:
    """Positions of so many of them, in order; all where they are no more."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(seed).permutation(count)[:most])
