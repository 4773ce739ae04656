"""`vertikit watch` on real sets: false alarms between random halves, what it sees of shifts put in, its cost."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import vertikit
from benchmarks.results import Results
from benchmarks.sets import read_set
from benchmarks.table_sets import TABLES
from vertikit.fitted_store import save_fitted
from vertikit.prepare.reading import read_parts
from vertikit.progress import SILENT
from vertikit.registry import registry
from vertikit.watch.comparing import compare_inputs, judged
from vertikit.watch.content import encoded, features_of, of_content
from vertikit.watch.measuring import groupings, of_inputs
from vertikit.watch.reference import Reference, take_content, take_inputs
from vertikit.watch.shares import of_columns

Entry = dict[str, Any]
ALPHA, LEAST = 0.05, 0.1
HALVES = 200
KEY = "00" * 16
TABLED = {
    "uci_credit_default": (
        "finance/fraud",
        {"id": "ID", "fraud": "default.payment.next.month"},
        (),
        "LIMIT_BAL",
    ),
    "ai4i2020": (
        "manufacturing/fault",
        {"fault": "Machine failure"},
        ("TWF", "HDF", "PWF", "OSF", "RNF"),
        "Torque [Nm]",
    ),
}


@dataclass(frozen=True)
class Rows:
    """Examples of a set with their task, and features of their texts where they have any."""

    task: Any
    examples: Any
    features: dict[str, np.ndarray]

    def beside(
        self, then: np.ndarray, now: np.ndarray, changed: Rows | None = None
    ) -> tuple[bool, bool, int]:
        """(a p below alpha among all, an alarm, how many comparisons) of the rows at `now` beside those at `then`."""
        other = self if changed is None else changed
        made = Reference()
        take_inputs(made, self.task, self.examples.take(then), KEY)
        for name, each in self.features.items():
            take_content(made, name, self.examples.take(then), each[then], KEY)
        later, rows = other.examples.take(now), np.arange(len(now))
        seen = list(of_inputs(self.task, later, rows, made.stick))
        shares = list(of_columns(made, {each.name: each for each in seen}, len(now)))
        for name, directions in made.stick.directions.items():
            seen += of_content(name, other.features[name][now], directions, rows)
        compared, shares = judged(compare_inputs(made, seen, groupings(later)), shares, ALPHA, LEAST)
        every = [*compared, *shares]
        alarm = any(each.level for each in compared) or any(each.alarms for each in shares)
        return min(each.adjusted for each in every) < ALPHA, alarm, len(every)


def run(only: str = "") -> None:
    """All sets."""
    results = Results("watching")
    takes: dict[str, Callable[[], Iterator[tuple[str, Entry]]]] = {
        **{name: lambda name=name: _table(name) for name in TABLED},  # type: ignore[misc]
        "symptom2disease": _texts,
        "cost": _cost,
    }
    for name, take in takes.items():
        if only in name:
            for key, entry in take():
                results.keep(f"{name}/{key}", entry)


def _halves(rows: Rows, size: int, times: int) -> Entry:
    started, found = time.perf_counter(), []
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(len(rows.examples))
        found.append(rows.beside(np.sort(order[:size]), np.sort(order[size : 2 * size])))
    return {
        "rows": size,
        "times": times,
        "comparisons": max(each[2] for each in found),
        "beyond_luck": float(np.mean([each[0] for each in found])),
        "alarms": float(np.mean([each[1] for each in found])),
        "seconds_each": round((time.perf_counter() - started) / times, 3),
    }


def _seen(rows: Rows, changed: Rows, size: int, new: int, times: int = 40) -> Entry:
    """How often `new` rows of the changed set alarm beside `size` of the other."""
    found = []
    for seed in range(times):
        order = np.random.default_rng(seed).permutation(len(rows.examples))
        found.append(rows.beside(np.sort(order[:size]), np.sort(order[size : size + new]), changed)[1])
    return {"rows": new, "times": times, "alarms": float(np.mean(found))}


def _table(name: str) -> Iterator[tuple[str, Entry]]:
    table = pd.read_csv(TABLES[name].path(), dtype=str)
    number = TABLED[name][3]
    with tempfile.TemporaryDirectory() as folder:

        def read(own: pd.DataFrame, at: str) -> Rows:
            place = Path(folder) / at
            place.mkdir()
            task, mapping, drop, _ = TABLED[name]
            found = read_parts(
                registry().task(task), [("", [own])], mapping, drop, registry(), place, targets=True
            )
            return Rows(found.task, found.examples, {})

        rows = read(table, "as-it-is")
        for size in (200, 2000):
            yield f"halves of {size}", _halves(rows, size, HALVES)
        values = table[number].astype(float)
        lost = np.random.default_rng(0).random(len(table)) < 0.1
        shifts = {
            f"{number} 10 % higher": table.assign(**{number: (values * 1.1).map("{:.1f}".format)}),
            f"{number} 30 % higher": table.assign(**{number: (values * 1.3).map("{:.1f}".format)}),
            f"{number} missing in 10 %": table.assign(**{number: table[number].mask(lost)}),
        }
        for at, (told, changed) in enumerate(shifts.items()):
            other = read(changed, f"shift-{at}")
            for new in (200, 2000):
                yield f"{told}, {new} rows", _seen(rows, other, 2000, new)


def _texts() -> Iterator[tuple[str, Entry]]:
    """Texts of patients; the shift is a share of sentences from abstracts."""
    own = read_set("symptom2disease").dropna().drop_duplicates("text")
    other = read_set("chemprot")["text"].drop_duplicates().head(len(own)).tolist()
    with tempfile.TemporaryDirectory() as folder:
        trained = vertikit.train(
            "medical/diagnosis", own, output=Path(folder) / "run", progress=False, blend=None, baselines=[], epochs=1,
            evaluation={"bootstrap": 0},
        )  # fmt: skip
        assembled, task = trained.parts.assembled, trained.task

        def read(texts: list[str], at: str) -> Rows:
            place = Path(folder) / at
            place.mkdir()
            frame = pd.DataFrame({"text": texts, "disease": "any"})
            found = read_parts(task, [("", [frame])], {}, (), registry(), place, targets=True)
            features = {
                name: features_of(assembled, found.examples, name, SILENT) for name in encoded(assembled)
            }
            return Rows(task, found.examples, features)

        rows = read(own["text"].tolist(), "own")
        for size in (200, 500):
            yield f"halves of {size}", _halves(rows, size, HALVES)
        random = np.random.default_rng(0)
        for part in (0.05, 0.1, 0.2):
            taken = random.random(len(own)) < part
            pairs = zip(own["text"], other, taken.tolist(), strict=True)
            texts = [theirs if strange_one else kept for kept, theirs, strange_one in pairs]
            mixed = read(texts, f"mixed-{part}")
            for new in (100, 400):
                yield f"{part:.0%} of the texts from abstracts, {new} rows", _seen(rows, mixed, 500, new)


def _cost() -> Iterator[tuple[str, Entry]]:
    """A million rows of a table, and what a profile takes."""
    random = np.random.default_rng(0)
    table = pd.DataFrame({f"number{at}": random.lognormal(size=1_000_000) for at in range(20)})
    for at in range(5):
        table[f"kind{at}"] = random.integers(0, 30, len(table)).astype(str)
    table["fraud"] = (random.random(len(table)) < 0.02).astype(int)
    yield "a million rows", _million(table)


def _million(table: pd.DataFrame) -> Entry:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "rows"
        place.mkdir()
        source = Path(folder) / "rows.parquet"
        table.to_parquet(source)
        started = time.perf_counter()
        found = read_parts(
            registry().task("finance/fraud"), [("", [str(source)])], {}, (), registry(), place, targets=True
        )
        read = time.perf_counter() - started
        made, started = Reference(), time.perf_counter()
        take_inputs(made, found.task, found.examples, KEY)
        took = time.perf_counter() - started
        files = save_fitted(Path(folder) / "model", "reference", made)
        return {
            "rows": len(table),
            "columns": len(table.columns) - 1,
            "read_seconds": round(read, 1),
            "profile_seconds": round(took, 2),
            "bytes": sum(path.stat().st_size for path in files),
        }
