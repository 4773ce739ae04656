"""Rows altered so that a good answer is known beforehand: what a model makes of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from vertikit.contracts import MetricContext
    from vertikit.examples import Examples
    from vertikit.run.model_parts import ModelParts
    from vertikit.task import Task

    Texts = dict[str, list[str]]

MOST_ROWS = 200
"""Of a test that are altered, drawn at random: enough for a share, and each goes through the encoder again."""


def probe(
    task: Task,
    examples: Examples,
    parts: ModelParts,
    context: MetricContext,
    seed: int,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """The key "probes" of metrics.json: {"rows", "plain": the share of unaltered rows that get through, "probes":
    {name: {"share", "decided", "limit", "held", "says"}}}; empty where the task has none.

    "share" of the altered rows get what they should not; "decided" of them are also decided by the policy and not left
    to a person. A probe that cannot alter these rows has "why" instead.
    """
    if not task.protocol.probes or not len(examples):
        return {}
    rows = np.sort(np.random.default_rng(seed).permutation(len(examples))[:MOST_ROWS])
    own = {column.name for column in task.columns}
    names = [name for name in examples.table.column_names if name in own]
    plain = examples.take(rows)
    for expert in parts.experts.values():
        added = {column.name for column in expert.columns()}
        names = [name for name in names if name not in added]
    plain = replace(plain, table=plain.table.select_columns(names))
    texts = {
        column.name: [value or "" for value in plain.column(column.name)]
        for column in task.inputs
        if column.modality == "text" and column.name in names
    }
    tell(
        f"probes: {len(task.protocol.probes)} kinds of answers that should not get through, {len(rows):,} rows each"
    )
    through = _imported(task.protocol.probes[0].through)
    found: dict[str, Any] = {
        "rows": len(rows),
        "plain": float(np.mean(_through(parts, task, plain, through, context)[0])),
        "probes": {},
    }
    for each in task.protocol.probes:
        entry: dict[str, Any] = {"says": each.says, "limit": each.most}
        altered = _imported(each.alter)({name: list(values) for name, values in texts.items()}, Random(seed))
        if altered is None:
            found["probes"][each.name] = {**entry, "why": "these rows have nothing to make it of"}
            continue
        passes, decided = _through(parts, task, _with_texts(plain, altered), _imported(each.through), context)
        share = float(passes.mean())
        found["probes"][each.name] = {
            **entry, "share": share, "decided": float((passes & decided).mean()), "held": share <= each.most
        }  # fmt: skip
    return found


def warnings_of_probes(found: Mapping[str, Any]) -> list[str]:
    """A sentence where answers get through that should not."""
    wrong = [
        f"{name} ({each['share']:.0%})"
        for name, each in (found.get("probes") or {}).items()
        if each.get("held") is False
    ]
    if not wrong:
        return []
    return [
        f"Answers made to fool it get through: {', '.join(wrong)} of {found['rows']:,} rows altered in that way. It "
        "must "
        "not decide alone where somebody gains by that."
    ]


def _through(
    parts: ModelParts,
    task: Task,
    examples: Examples,
    through: Callable[[pd.DataFrame, MetricContext], Any],
    context: MetricContext,
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """[n] whether a row gets what it should not, and [n] whether the policy decides it."""
    known = parts.known(examples, task)
    frame = parts.assembled.outcome.frame(parts.answers(parts.raw(known), known), None)
    decisions = parts.decided(frame, known)
    return (
        np.asarray(through(frame, context), bool),
        np.asarray(decisions["decision"] != parts.policy.abstains, bool),
    )


def _with_texts(examples: Examples, texts: Mapping[str, Sequence[str]]) -> Examples:
    import pyarrow as pa
    from datasets import Dataset

    table = examples.table.with_format("arrow")[:]
    for name, values in texts.items():
        place = table.column_names.index(name)
        table = table.set_column(place, name, pa.array(list(values), table.schema.field(name).type))
    return replace(examples, table=Dataset(table))


def _imported(path: str) -> Any:
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)
