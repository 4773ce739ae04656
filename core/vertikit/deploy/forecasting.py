"""Forecasts as a table: a line for each step after the end of each series, bad rows among them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from vertikit.evaluate.frame import with_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from vertikit.prepare.reading import Rows
    from vertikit.run.run import Run


def forecast_table(run: Run, found: Rows, answers: NDArray[np.float64]) -> pd.DataFrame:
    """Columns row (of the last number that is known), series, time and step (from 1) of what is foretold, <target> (the
    median), <target>.q10 and so on, decision, reason, error; a row that cannot be used has one line, with its error.

    Lines stand in the order of the rows that they are of.
    """
    target, outcome, examples = run.task.target.name, run.outcome, found.examples
    frame = with_columns(outcome.frame(answers, None), examples, run.parts.policy.needs)
    listed = outcome.listed(frame, examples)
    decisions = run.parts.decided(listed.frame, examples)
    steps: dict[str, Any] = {
        "row": examples.rows[listed.which],
        **listed.beside,
        **outcome.columns(target, listed.frame),
        **{name: decisions[name].to_numpy(object) for name in ("decision", "reason")},
        "error": np.full(len(listed.which), None, object),
    }
    good = pd.DataFrame(steps)
    bad = pd.DataFrame(
        {"row": [each.row for each in found.bad], "error": [each.reason for each in found.bad]}
    ).reindex(columns=good.columns)
    if not len(bad):
        return good
    place = np.concatenate([found.position[listed.which], found.bad_position])
    table = pd.concat([good, bad.astype({"error": object})], ignore_index=True)
    table = table.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)
    table["row"] = table["row"].astype(np.int64)
    return table
