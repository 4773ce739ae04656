"""The verb `watch`: new rows through a run, beside what the run saw in training."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from vertikit.adapt.binding import with_beside
from vertikit.adapt.encoding import FeatureMatrix, raw_outputs
from vertikit.deploy.predicting import read_examples
from vertikit.errors import UsageError, VertikitError
from vertikit.evaluate.frame import with_columns
from vertikit.evaluate.ruling import decided
from vertikit.fitted_store import load_fitted
from vertikit.prepare.duplicates import first_of_each, text_codes
from vertikit.prepare.quarantine import count_reasons
from vertikit.progress import SILENT, Progress
from vertikit.run.refusing import refuse_forecasts
from vertikit.watch.clusters import Clusters
from vertikit.watch.comparing import Compared, compare_answers, compare_inputs, judged
from vertikit.watch.content import encoded, features_of, of_content
from vertikit.watch.measuring import READ, drawn, groupings, of_inputs
from vertikit.watch.quality import Quality, quality
from vertikit.watch.reference import ENCODED, FILE, Reference
from vertikit.watch.shares import Share, abstained, of_columns, out_of_range, unusable
from vertikit.watch.stability import MODERATE

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from vertikit.examples import Examples
    from vertikit.prepare.prepared import Data
    from vertikit.prepare.reading import Rows
    from vertikit.run.run import Run

ALPHA = 0.05
MOST_ROWS = 100_000
"""New rows that are answered and measured, drawn at random of more."""
MOVED = 3
"""Exit status where inputs, answers or quality have moved."""
WITHOUT = (
    "this run holds no profile of its inputs (it was made by an older version): answers and quality are watched, "
    "inputs are not; training again leaves one"
)


@dataclass(frozen=True)
class Watched:
    """What new rows show of a run.

    Args:
        run, task: names. unit: what rows are, in the plural. read: rows; usable: of these; again: of the usable ones,
            those that the run has learnt from, or that repeat another; watched: what is left, or a draw of it.
        trained, tested: rows that inputs and answers are compared with. alpha, least: the chance of a false alarm that
            is taken, and the least PSI beyond chance that counts.
        compared: the most moved first. shares. quality. notes: sentences. since: where only later rows were asked for.
    """

    run: str
    task: str
    unit: str
    read: int
    usable: int
    again: int
    watched: int
    trained: int
    tested: int
    alpha: float
    least: float
    compared: Sequence[Compared]
    shares: Sequence[Share]
    quality: Quality
    notes: Sequence[str] = ()
    since: str = ""

    @property
    def moved(self) -> list[Compared]:
        """What has moved beyond luck and far enough."""
        return [each for each in self.compared if each.level]

    @property
    def risen(self) -> list[Share]:
        return [each for each in self.shares if each.alarms]

    @property
    def alarms(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.moved or self.risen or self.quality.loses)


def watch(
    run: Run,
    data: Data,
    *,
    mapping: Mapping[str, str],
    drop: Sequence[str] = (),
    root: str = "",
    since: str = "",
    alpha: float = ALPHA,
    least: float = MODERATE,
    rows: int = MOST_ROWS,
    progress: Progress = SILENT,
) -> Watched:
    """Compare new rows with training (inputs) and with the test rows (answers, quality).

    Args:
        since: rows of this time and later alone, "2026-05-01"; earlier ones still stand in what experts look back at.
        alpha: chance of a false alarm among all comparisons. least: PSI beyond chance that counts.
        rows: the most that are looked at, drawn at random of more.

    Raises:
        VertikitError: no row can be used, or none is new.
    """
    refuse_forecasts(run, "watch")
    task, target = run.task, run.task.target
    moment = _moment(run, since)
    reference = read_reference(run)
    notes = [] if reference is not None else [WITHOUT]
    with tempfile.TemporaryDirectory(prefix="vertikit-") as folder:
        found = read_examples(run, data, mapping, drop, root, Path(folder), targets=False)
        if not len(found.examples):
            raise _unusable(found)
        if found.bad:
            progress.line(f"rows: {found.read:,} read, {len(found.bad):,} cannot be used")
        found = replace(found, examples=run.parts.known(found.examples, task))
        found = _since(found, moment, since)
        chosen, again = _new(run, found.examples)
        if again:
            why = "the run has learnt from them, or they repeat another"
            notes.append(f"{again:,} of {len(found.examples):,} usable rows are left out: {why}")
        if len(chosen) > rows:
            notes.append(f"{rows:,} rows are looked at, drawn at random of {len(chosen):,} (--rows)")
            chosen = chosen[drawn(len(chosen), rows)]
        examples = found.examples.take(chosen)
        progress.line(f"watching {len(examples):,} {task.unit}")
        features = _features(run, examples, progress)
        answers = run.parts.answers(_raw(run, examples, features, progress), examples)
        now = _table(run, examples, answers)
        then = _tested(run)
        abstains = run.parts.policy.abstains
        alike = {} if reference is None else reference.answers
        groups = groupings(examples)
        compared = compare_answers(target, then, now, abstains, alike, groups)
        shares = [
            each for each in [abstained(then, now, abstains, alike.get("decision", Clusters()))] if each
        ]
        if reference is not None:
            inputs, lines = _inputs(run, reference, examples, found, features, progress)
            compared, shares = [*inputs, *compared], [*lines, *shares]
        compared, shares = judged(compared, shares, alpha, least)
        judged_now = quality(run, examples, answers)
    if len(examples) < 30:
        notes.append(f"{len(examples):,} rows are too few to show any but a gross change")
    return Watched(
        run.folder.name, task.name, task.unit, found.read, len(found.examples), again, len(examples),
        0 if reference is None else reference.rows, len(then), alpha, least, compared, shares, judged_now,
        tuple(notes), since,
    )  # fmt: skip


def read_reference(run: Run) -> Reference | None:
    """The profile that training left; None in a run of an older version."""
    folder = run.folder / "model"
    if not (folder / f"{FILE}.json").exists():
        return None
    reference = Reference()
    load_fitted(folder, FILE, reference)
    return reference


def _features(run: Run, examples: Examples, progress: Progress) -> dict[str, NDArray[np.float32]]:
    """Features [N, D] by binding, where the encoder is frozen and its head reads no more than these: both the answers
    and what the encoder sees come of them."""
    assembled = run.parts.assembled
    if not assembled.features_once:
        return {}
    return {name: features_of(assembled, examples, name, progress) for name in encoded(assembled)}


def _raw(
    run: Run, examples: Examples, features: Mapping[str, NDArray[np.float32]], progress: Progress
) -> NDArray[np.float64]:
    assembled = run.parts.assembled
    if not features or set(features) != set(assembled.bindings):
        return run.parts.raw(examples, progress)
    inputs = with_beside(assembled, {name: FeatureMatrix(each) for name, each in features.items()}, examples)
    every, target = np.arange(len(examples)), run.task.target.name
    return raw_outputs(assembled.model, inputs, every, target, assembled.device, SILENT)


def _inputs(
    run: Run,
    reference: Reference,
    examples: Examples,
    found: Rows,
    features: Mapping[str, NDArray[np.float32]],
    progress: Progress,
) -> tuple[list[Compared], list[Share]]:
    rows = drawn(len(examples), READ)
    stick = reference.stick
    measured = {each.name: each for each in of_inputs(run.task, examples, rows, stick)}
    seen = list(measured.values())
    for name, directions in stick.directions.items():
        at = rows if name in features else drawn(len(examples), ENCODED)
        own = (
            features[name][at]
            if name in features
            else features_of(run.parts.assembled, examples.take(at), name, progress)
        )
        seen += of_content(name, own, directions, at)
    shares = [
        *unusable(reference, found),
        *of_columns(reference, measured, len(examples)),
        *filter(None, [out_of_range(reference, measured, len(examples))]),
    ]
    return compare_inputs(reference, seen, groupings(examples)), shares


def _moment(run: Run, since: str) -> float | None:
    """Seconds since 1970."""
    if not since:
        return None
    if run.task.time is None:
        raise UsageError(f"--since: {run.task.name} has no column of time.", "Leave it out.")
    try:
        found = datetime.fromisoformat(since)
    except ValueError:
        raise UsageError(f"--since {since!r} is no date.", "For instance: --since 2026-05-01") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _since(found: Rows, moment: float | None, since: str) -> Rows:
    """The rows of that time and later; unusable ones stay, since they have no time to tell."""
    if moment is None:
        return found
    span = found.examples.span
    if span is None:
        raise UsageError("--since: these rows have no time.", "Name their column with --map time=COLUMN.")
    later = np.flatnonzero(span[:, 1] >= moment)
    if not len(later):
        raise VertikitError(
            f"no usable row is of {since} or later.", "Give later rows, or an earlier --since."
        )
    return replace(found, examples=found.examples.take(later), position=found.position[later])


def _new(run: Run, examples: Examples) -> tuple[NDArray[np.int64], int]:
    """Positions of the examples that tell something new, and how many do not. Training holds each text once, so rows
    here that repeat one are no drift."""
    seen = run.parts.learnt_from.seen(run.task, examples, groups=False)
    codes = text_codes(run.task, examples)
    keep = first_of_each(codes) == np.arange(len(examples))
    keep[list(seen)] = False
    if not keep.any():
        raise VertikitError(
            f"the run has learnt from all {len(examples):,} usable rows: nothing in them is new.",
            "Give rows that came after the training.",
        )
    return np.flatnonzero(keep), int((~keep).sum())


def _table(run: Run, examples: Examples, answers: NDArray[np.float64]) -> pd.DataFrame:
    """As `predict` writes it, without reasons: to find these takes longer than all the rest."""
    import pandas as pd

    parts, outcome = run.parts, run.outcome
    frame = with_columns(outcome.frame(answers, None), examples, parts.policy.needs)
    decisions = decided(parts.policy, frame, outcome.labels, parts.held(examples))
    columns = outcome.columns(run.task.target.name, frame)
    return pd.DataFrame({**columns, "decision": decisions["decision"].to_numpy(object)})


def _tested(run: Run) -> pd.DataFrame:
    import pandas as pd
    import pyarrow as pa

    path = run.folder / "predictions.parquet"
    try:
        return pd.read_parquet(path)
    except (OSError, pa.ArrowException) as error:
        raise VertikitError(f"{path}: cannot be read.", "Copy the run again, or train again.") from error


def _unusable(found: Rows) -> VertikitError:
    if not found.read:
        return VertikitError("the data has no rows.", "Give a file with rows.")
    return VertikitError(
        f"none of the {found.read:,} rows can be used.",
        "Mend the rows, or name other columns with --map.",
        details=[f"{count:,} rows: {reason}" for reason, count in count_reasons(found.bad)[:10]],
    )
