"""A stretch of a source as rows: the usable ones as examples in memory, the others with their reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from vertikit.contracts import BadRow
from vertikit.examples import Examples, in_memory
from vertikit.prepare.cleaning import Account, clean_batches, clean_schema
from vertikit.prepare.reading import Rows, groups_of, spans_of
from vertikit.prepare.row_file import ROW

if TYPE_CHECKING:
    import pyarrow as pa

    from vertikit.deploy.batches.columns import Columns
    from vertikit.deploy.batches.sources import Opened
    from vertikit.task import Task


def cleaned(
    task: Task,
    columns: Columns,
    at: int,
    source: Opened,
    batch: pa.RecordBatch,
    bad: Sequence[BadRow],
    account: Account,
) -> Rows:
    """The rows of one batch of the source at place `at`, and of those `bad` ones that lie among them, in order.

    What is left out of rows, and how values are spelt, goes to `account`; its bad rows are those of this batch alone.
    """
    import pyarrow as pa

    account.bad = []
    matched = columns.matched[at].columns
    found = list(clean_batches(iter([batch]), matched, columns.wanted, account, targets=False))
    whole = pa.Table.from_batches(found, schema=clean_schema(columns.wanted))
    rows = whole.column(ROW).to_numpy()
    every = sorted(
        (replace(each, source=source.name) for each in (*bad, *account.bad)), key=lambda each: each.row
    )
    order = np.argsort(
        np.concatenate([rows, np.array([each.row for each in every], np.int64)]), kind="stable"
    )
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    examples = Examples(
        table=in_memory(whole.drop_columns(ROW)),
        rows=rows,
        source=np.full(len(rows), source.name, object),
        part=np.full(len(rows), "", object),
    )
    examples = replace(examples, group=groups_of(task, examples), span=spans_of(task, examples))
    return Rows(
        examples=examples,
        read=len(order),
        position=place[: len(rows)],
        bad=tuple(every),
        bad_position=place[len(rows) :],
        columns=dict(columns.matched[0].columns),
        unused=(),
        notes=(),
        task=task,
        places={source.name: source.place},
    )
