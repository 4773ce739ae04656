"""Decisions that are for the best of all rows: each piece names its own best, and these are ranked at the end.

A row that is not among the best of its piece is not among the best of all, so no other needs to be remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vertikit.contracts import RankingPolicy
from vertikit.deploy.batches.durable import write_whole
from vertikit.errors import UsageError
from vertikit.evaluate.frame import with_columns

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.prepare.reading import Rows
    from vertikit.run.run import Run

PLACE, ANSWER = "_place", "_answer"


@dataclass(frozen=True)
class Ranked:
    """Rows of a part that were decided so among their own.

    Args:
        place: [n] their lines in the part. answers: [n, A]. needs: what the policy reads of them.
    """

    place: NDArray[np.int64]
    answers: NDArray[np.float64]
    needs: dict[str, NDArray[Any]]

    @classmethod
    def of(
        cls, run: Run, found: Rows, answers: NDArray[np.float64], decisions: NDArray[np.object_]
    ) -> Ranked | None:
        """Of answers to these rows, and the decisions of all that were read; None where each is decided by itself."""
        policy = run.parts.policy
        if not isinstance(policy, RankingPolicy):
            return None
        decided = decisions[found.position]
        at = np.flatnonzero(np.isin(decided, policy.ranked))
        frame = with_columns(run.outcome.frame(answers[at], None), found.examples.take(at), policy.needs)
        needs = {name: np.asarray(frame[name]) for name in policy.needs if name in frame.columns}
        return cls(found.position[at], answers[at], needs)

    def moved(self, by: int) -> Ranked:
        """So many lines further down."""
        return replace(self, place=self.place + by)

    @staticmethod
    def write(pieces: Sequence[Ranked], path: Path) -> None:
        """As a file; none where there is nothing in it."""
        import pandas as pd

        path.unlink(missing_ok=True)
        pieces = [each for each in pieces if len(each.place)]
        if not pieces:
            return
        table = pd.DataFrame({PLACE: np.concatenate([each.place for each in pieces])})
        answers = np.concatenate([each.answers for each in pieces])
        for column, values in enumerate(answers.T):
            table[f"{ANSWER}{column}"] = values
        for name in pieces[0].needs:
            table[name] = np.concatenate([each.needs[name] for each in pieces])
        write_whole(path, lambda file: table.to_parquet(file, index=False))


def check_ranked(run: Run) -> None:
    """UsageError where decisions depend on all rows in a way that pieces cannot be put together from."""
    uses = {use for expert in run.parts.experts.values() for use in expert.use}
    if isinstance(run.parts.policy, RankingPolicy) and uses & {"constraint", "veto"}:
        raise UsageError(
            f"{run.folder}: ranks all rows, and has experts that overrule it: this cannot be done in parts.",
            "Name a file as --output, which answers all rows at once.",
        )


def settle(run: Run, parts: Iterable[tuple[Path, Path]]) -> int:
    """Rank what the parts named (each a part file, and the file that `Ranked.write` left, if there is one), and correct
    the decisions of those that are not among the best of all; how many. To do it again changes nothing."""
    import pandas as pd

    policy = run.parts.policy
    if not isinstance(policy, RankingPolicy):
        return 0
    named = [(part, pd.read_parquet(kept)) for part, kept in parts if kept.exists()]
    if not named:
        return 0
    every = pd.concat([kept for _, kept in named], ignore_index=True)
    columns = [name for name in every.columns if name.startswith(ANSWER)]
    frame = run.outcome.frame(every[columns].to_numpy(np.float64), None)
    for name in policy.needs:
        if name in every.columns:
            values = every[name]
            frame[name] = pd.Categorical(values) if values.dtype == object else values.to_numpy()
    decisions = policy.decide(frame, run.labels)
    lost = ~decisions["decision"].isin(policy.ranked).to_numpy()
    start = 0
    for part, kept in named:
        own = slice(start, start + len(kept))
        start += len(kept)
        if lost[own].any():
            at = kept[PLACE].to_numpy()[lost[own]]
            _correct(part, at, decisions.iloc[own][lost[own]])
    return int(lost.sum())


def _correct(part: Path, at: NDArray[np.int64], decisions: pd.DataFrame) -> None:
    """Other decisions for those lines of a part."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import parquet

    table = parquet.read_table(part)
    mask = np.zeros(len(table), bool)
    mask[at] = True
    for name in ("decision", "reason"):
        column = table.column(name).combine_chunks()
        others = pa.array(decisions[name].to_numpy(object), pa.string())
        changed = pc.replace_with_mask(column, pa.array(mask), others)
        table = table.set_column(table.schema.get_field_index(name), name, changed)
    write_whole(part, lambda file: parquet.write_table(table, file))
