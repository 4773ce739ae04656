"""finance/fraud on two real tables, beside gradient boosting as its users run it: by the handbook, and plainly."""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.kit import COMMAND
from benchmarks.results import Results
from benchmarks.table_sets import TABLES

Entry = dict[str, Any]
HANDBOOK = "fraud_handbook_simulated"
DEFAULTS = "uci_credit_default"
NAMES = ("average_precision", "card_precision", "expected_cost", "cost_saved", "auroc")
DAY = pd.Timedelta(days=1)


def run(only: str = "") -> None:
    """Both sets, all sides."""
    results = Results("fraud")
    sides: dict[str, Callable[[], Entry]] = {
        f"{HANDBOOK}/vertikit": lambda: _kit(HANDBOOK),
        f"{HANDBOOK}/XGBoost on the handbook's features": lambda: _handbook("XGBoost"),
        f"{HANDBOOK}/random forest on the handbook's features": lambda: _handbook("random forest"),
        f"{DEFAULTS}/vertikit": lambda: _kit(DEFAULTS),
        f"{DEFAULTS}/XGBoost": _defaults,
    }
    for key, take in sides.items():
        if only in key:
            results.keep(key, take())


OPTIONS = {
    HANDBOOK: [
        *("--map", "time=TX_DATETIME", "--map", "card=CUSTOMER_ID", "--map", "terminal=TERMINAL_ID"),
        *("--map", "amount=TX_AMOUNT", "--map", "id=TRANSACTION_ID", "--map", "fraud=TX_FRAUD"),
        *("--drop", "TX_FRAUD_SCENARIO", "--set", "split.test_span=7d", "--set", "split.train_span=7d"),
    ],
    DEFAULTS: ["--map", "id=ID", "--map", "fraud=default.payment.next.month"],
}


def _kit(name: str) -> Entry:
    """`vertikit train` with the task's own recipe; its own baseline stands beside it."""
    path = TABLES[name].path()
    with tempfile.TemporaryDirectory() as folder:
        started, processor = time.perf_counter(), _children()
        output = Path(folder) / "run"
        command = [COMMAND, "train", "finance/fraud", "--data", path, *OPTIONS[name], "--output", output]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - started
        if done.returncode:
            raise RuntimeError(f"vertikit train failed: {done.stderr[-2000:]}")
        metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    sides = {
        "test": metrics["test"],
        "alone": metrics["alone"],
        "gradient-boosting": metrics["baselines"]["gradient-boosting"],
    }
    return {
        "rows": {part: metrics["rows"][part] for part in ("train", "valid", "test")},
        "command_seconds": round(seconds, 1),
        "processor_seconds": round(_children() - processor, 1),
        "difference": metrics["difference"],
        **{side: {each: found[each] for each in NAMES} for side, found in sides.items()},
    }


def _children() -> float:
    """Processor seconds of all commands that have ended: on a busy machine they say more than the wall's."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _peer(name: str) -> Any:
    """The handbook's models, with what their libraries took by default when it was written (XGBoost 1)."""
    if name == "random forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(random_state=0, n_jobs=2)
    from xgboost import XGBClassifier

    return XGBClassifier(random_state=0, n_jobs=2, tree_method="exact", base_score=0.5)


def _handbook(peer: str) -> Entry:
    """Features, parameters and protocol of the handbook's chapter 3, written anew from its text."""
    table = pd.read_csv(TABLES[HANDBOOK].path(), parse_dates=["TX_DATETIME"]).sort_values(
        ["TX_DATETIME", "TRANSACTION_ID"], kind="stable"
    )
    table = table.reset_index(drop=True)
    started = time.perf_counter()
    time_ = table.TX_DATETIME
    features = pd.DataFrame({"amount": table.TX_AMOUNT})
    features["weekend"] = (time_.dt.day_of_week >= 5).astype(int)
    features["night"] = (time_.dt.hour <= 6).astype(int)
    for days in (1, 7, 30):
        features[f"card_count_{days}"] = _rolled(table, "CUSTOMER_ID", days, "TX_AMOUNT", "count")
        features[f"card_mean_{days}"] = _rolled(table, "CUSTOMER_ID", days, "TX_AMOUNT", "mean")
    late = {word: _rolled(table, "TERMINAL_ID", 7, "TX_FRAUD", word) for word in ("count", "sum")}
    for days in (1, 7, 30):
        known = _rolled(table, "TERMINAL_ID", 7 + days, "TX_FRAUD", "count") - late["count"]
        found = _rolled(table, "TERMINAL_ID", 7 + days, "TX_FRAUD", "sum") - late["sum"]
        features[f"terminal_count_{days}"] = known
        features[f"terminal_risk_{days}"] = np.divide(found, known, out=np.zeros(len(table)), where=known > 0)
    day = time_.dt.floor("D")
    last = day.max()
    tested, learnt = day > last - 7 * DAY, (day > last - 21 * DAY) & (day <= last - 14 * DAY)
    fraud = table.TX_FRAUD == 1
    # A card with a fraud in training, or later and a week before the day, is known by then.
    since = day[fraud & (day > last - 21 * DAY)].groupby(table.CUSTOMER_ID).min()
    known_from = table.CUSTOMER_ID.map(since)
    tested &= ~(known_from + 7 * DAY < day)
    model = _peer(peer).fit(features[learnt], table.TX_FRAUD[learnt])
    score = model.predict_proba(features[tested])[:, 1]
    judged = table[tested]
    return {
        "rows": {"train": int(learnt.sum()), "test": int(tested.sum())},
        "command_seconds": round(time.perf_counter() - started, 1),
        "test": _measured(
            score,
            judged.TX_FRAUD.to_numpy(),
            time=judged.TX_DATETIME.astype("datetime64[s]").astype(np.int64).to_numpy(float),
            card=pd.Categorical(judged.CUSTOMER_ID.astype(str)),
            amount=judged.TX_AMOUNT.to_numpy(float),
        ),
    }


def _rolled(table: pd.DataFrame, entity: str, days: int, column: str, word: str) -> Any:
    """[N] over an entity's rows of so many days up to and with each row, in the order of the table."""
    rolled = table.groupby(entity).rolling(f"{days}D", on="TX_DATETIME")[column]
    result = np.empty(len(table))
    # Entities come in order, and the rows of each in theirs.
    result[np.argsort(table[entity].to_numpy(), kind="stable")] = getattr(rolled, word)().to_numpy()
    return result


def _defaults() -> Entry:
    """XGBoost as it comes, on all columns, a stratified fifth held out: rows other than the kit's, as many."""
    from sklearn.model_selection import train_test_split
    from xgboost import XGBClassifier

    table = pd.read_csv(TABLES[DEFAULTS].path()).drop(columns="ID")
    target = table.pop("default.payment.next.month")
    started = time.perf_counter()
    train, test, known, asked = train_test_split(
        table, target, test_size=0.2, stratify=target, random_state=0
    )
    score = XGBClassifier(random_state=0, n_jobs=2).fit(train, known).predict_proba(test)[:, 1]
    return {
        "rows": {"train": len(train), "test": len(test)},
        "command_seconds": round(time.perf_counter() - started, 1),
        "test": _measured(score, asked.to_numpy()),
    }


def _measured(score: Any, truth: Any, **columns: Any) -> Entry:
    """By the kit's own metrics, 200 resamples of rows (of cards, where there are cards)."""
    from vertikit.contracts import MetricContext
    from vertikit.evaluate.frame import prediction_frame
    from vertikit.evaluate.measuring import measure
    from vertikit.evaluate.metrics import resolve_metrics
    from vertikit.registry import registry

    labels = ("genuine", "fraud")
    scores = np.asarray(score, float)
    frame = prediction_frame(labels, np.stack([1 - scores, scores], 1), [labels[int(each)] for each in truth])
    groups = np.asarray(columns["card"], object) if "card" in columns else None
    metrics = resolve_metrics(NAMES, registry())
    return measure(frame.assign(**columns), metrics, MetricContext(labels), groups=groups, resamples=200)
