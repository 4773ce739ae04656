"""The rows of a comparison: cleaned and split once by the kit's own check, then the same for everyone."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.sets import read_set

TASK = "medical/diagnosis"
FEWEST = 3
"""Training rows of a class, in a draw of few rows."""


@dataclass(frozen=True)
class Rows:
    """Frames with the columns text, disease and, where there are groups, patient.

    Args:
        valid: the official part for choosing settings; None where each side takes its own from `train`.
        account: rows read, and what cleaning took out.
    """

    name: str
    train: pd.DataFrame
    valid: pd.DataFrame | None
    test: pd.DataFrame
    account: dict[str, int]

    def write(self, folder: Path) -> dict[str, Path]:
        """CSV files data, test and, if there is one, valid."""
        folder.mkdir(parents=True, exist_ok=True)
        parts = {"data": self.train, "valid": self.valid, "test": self.test}
        files = {}
        for name, part in parts.items():
            if part is not None:
                files[name] = folder / f"{name}.csv"
                part.to_csv(files[name], index=False)
        return files


def clean_rows(name: str, *, test: float = 0.3) -> Rows:
    """A set after the kit's cleaning: copies, conflicting labels and leaks are out.

    Sets without official parts are split by the kit, seed 0, `test` of the rows for the test, and the
    kit's validation part goes back to training.
    """
    from vertikit.prepare.prepared import Sources
    from vertikit.prepare.preparing import prepare
    from vertikit.recipe import resolve_recipe
    from vertikit.registry import registry

    table = read_set(name)
    official = "part" in table
    parts = {part: table[table["part"] == part].drop(columns="part") for part in ("train", "valid", "test")} if (
        official
    ) else {"train": table}  # fmt: skip
    known = registry()
    task = known.task(TASK)
    settings = {"seed": 0, "split": {"test": test}, "cleaning": {"rare_classes": "quarantine"}}
    recipe = resolve_recipe(task, known, layers=[settings])
    sources = Sources(
        data=(parts["train"],),
        valid=(parts["valid"],) if official else (),
        tests={"test": (parts["test"],)} if official else {},
    )
    with tempfile.TemporaryDirectory() as folder:
        data = prepare(task, sources, recipe, known, Path(folder), lambda _: None)
        fold, examples = data.folds[0], data.examples
        columns = [each for each in ("text", "disease", "patient") if each in examples.table.column_names]
        whole = pd.DataFrame({each: list(examples.column(each)) for each in columns})
    train, valid = whole.iloc[fold.train], whole.iloc[fold.valid]
    account = {
        "read": data.read,
        "conflicting": data.leaks.conflicting,
        "repeated": data.leaks.across + data.leaks.inside,
        "quarantined": len(data.quarantine),
        "removed": len(data.removed),
    }
    rows = Rows(name, train, valid, whole.iloc[fold.tests["test"]], account)
    return rows if official else replace(rows, train=pd.concat([train, valid]).sort_index(), valid=None)


def few(rows: Rows, count: int, seed: int) -> Rows:
    """`count` training rows of every class, drawn by `seed`; the test part stays whole."""
    random = np.random.default_rng(seed)
    chosen = [
        part.iloc[random.permutation(len(part))[:count]]
        for _, part in rows.train.groupby("disease", sort=True)
    ]
    return replace(rows, name=f"{rows.name}, {count} rows a class", train=pd.concat(chosen).sort_index())


def some(rows: Rows, *, train: int, valid: int = 100, test: int = 100) -> Rows:
    """Random parts of those sizes, for timings that need no more."""
    every = rows.train if rows.valid is None else pd.concat([rows.train, rows.valid])
    order = np.random.default_rng(0).permutation(len(every))
    learnt = every.iloc[np.sort(order[:train])]
    chosen = every.iloc[np.sort(order[train : train + valid])]
    judged = rows.test.sample(min(test, len(rows.test)), random_state=0).sort_index()
    # A class with hardly a row among the few can be neither learnt nor judged, on any side.
    counts = learnt["disease"].value_counts()
    known = set(counts[counts >= FEWEST].index)
    learnt, chosen, judged = (part[part["disease"].isin(known)] for part in (learnt, chosen, judged))
    return Rows(rows.name, learnt, chosen, judged, rows.account)
