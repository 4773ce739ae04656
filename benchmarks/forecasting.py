"""Forecasts: the city example on its real sets, and the rows of the long-horizon benchmarks (ETTh1, exchange_rate).

Wants `examples/vertikit-city` installed beside the kit.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.kit import COMMAND
from benchmarks.results import Results
from benchmarks.sets import VARIABLE

Entry = dict[str, Any]
DEMAND, ANOMALY = "city/demand", "city/anomaly"
SHOWN = {
    DEMAND: ("mase", "wql", "interval_coverage", "standardised_mse", "standardised_mae"),
    ANOMALY: ("auroc", "average_precision", "f1", "false_alarm_rate", "missed_alarm_rate"),
}
SHA256 = {
    "city/nyc_taxi/nyc_taxi.csv": "d8fa6f7f0734bf5c8be12c52a94e20a82664c397d9dec4449156bd453d32856d",
    "city/nyc_taxi/anomaly_windows.json": "c56b5b24ff4448be1fd63b8ab88adbda44e2119a55a722a5d26c837758128e9b",
    "city/bike_sharing/hour.csv.gz": "1138c97ce5e90fba259e99977162db981aa4186777e0b501d9ac07f6ed00ccc9",
    "city/etth1/ETTh1.csv.gz": "f1141f82f9d46968f05afa77ba16abfc4f790fe07583f9de06bb685b29a5411f",
    "finance/exchange_rate/exchange_rate.txt": "0127465b51e3cd3c360f8eb2be30cfd294689a2a55903eb8245aafc396626c7f",
}
PUBLISHED = {
    "etth1/96": {"repeat-last": (1.295, 0.713), "DLinear": (0.375, 0.399), "PatchTST/64": (0.370, 0.400)},
    "etth1/720": {"repeat-last": (1.339, 0.756), "DLinear": (0.472, 0.490), "PatchTST/64": (0.447, 0.468)},
    "exchange_rate/96": {"repeat-last": (0.081, 0.196), "DLinear": (0.081, 0.203)},
}
"""Case -> side -> (MSE, MAE) on standardised series as secondary tables give them; the papers were not read again."""
POINTS = (
    "experts=[]", "head=point-forecast", "loss=steps-mse", "policy=as-foretold", "primary=standardised_mse",
    "scale.minimum=-1000000", "evaluation.bootstrap=0", "baselines=[repeat-last]",
)  # fmt: skip
"""The recipe of the long-horizon benchmarks: squared error, all origins, no knowledge beside the series."""
LINEAR = "backbone={name: dlinear, lags: [], normalise: last}"
PATCHES = "backbone={name: forecast-patchtst, lags: [], width: 16, layers: 3, dropout: 0.3}"


def run(only: str = "") -> None:
    """All cases."""
    results = Results("forecasting")
    cases: dict[str, Callable[[Path], Entry]] = {
        "nyc_taxi/demand": _taxi,
        "bike_sharing/demand": _bikes,
        "nyc_taxi/anomaly": _unusual,
        "etth1/96/dlinear": lambda folder: _etth1(folder, 96, LINEAR, 10),
        "etth1/96/patchtst": lambda folder: _etth1(folder, 96, PATCHES, 8),
        "etth1/720/dlinear": lambda folder: _etth1(folder, 720, LINEAR, 8),
        "exchange_rate/96/dlinear": lambda folder: _exchange(folder, LINEAR),
    }
    for key, take in cases.items():
        if only in key:
            with tempfile.TemporaryDirectory() as folder:
                results.keep(key, take(Path(folder)))


def _taxi(folder: Path) -> Entry:
    """The default recipe: a day of half hours from the seven before, the last fifth of time as the test."""
    options = [
        "--data",
        _file("city/nyc_taxi/nyc_taxi.csv"),
        "--map",
        "demand=value",
        "--map",
        "time=timestamp",
    ]
    return _trained(DEMAND, folder / "run", options)


def _bikes(folder: Path) -> Entry:
    """The same by the hour, the last 120 days as the test; riders by kind, and weather of the hour itself, stay out."""
    table = pd.read_csv(_file("city/bike_sharing/hour.csv.gz"))
    time_of = pd.to_datetime(table["dteday"]) + pd.to_timedelta(table["hr"], "h")
    path = folder / "bikes.csv"
    pd.DataFrame({"time": time_of, "demand": table["cnt"]}).to_csv(path, index=False)
    return _trained(DEMAND, folder / "run", ["--data", path, "--set", "split.test_span=120d"])


def _unusual(folder: Path) -> Entry:
    """Days with a half hour in one of the five labelled windows are unusual; the rest trains and, later, judges."""
    table = pd.read_csv(_file("city/nyc_taxi/nyc_taxi.csv"))
    windows = json.loads(_file("city/nyc_taxi/anomaly_windows.json").read_text())["windows"]
    moment = pd.to_datetime(table["timestamp"])
    inside = sum(((moment >= first) & (moment <= last)).astype(int) for first, last in windows)
    table["day"] = inside.map({0: "usual", 1: "event"})
    path = folder / "days.csv"
    table.to_csv(path, index=False)
    return _trained(
        ANOMALY, folder / "run", ["--data", path, "--map", "demand=value", "--map", "time=timestamp"]
    )


def _etth1(folder: Path, horizon: int, backbone: str, epochs: int) -> Entry:
    """Seven series; 8,640, 2,880 and 2,880 hours train, validate and test; context 336."""
    table = pd.read_csv(_file("city/etth1/ETTh1.csv.gz")).head(14_400)
    path = folder / "etth1.csv"
    table.to_csv(path, index=False)
    options = ["--data", path, "--map", "demand=*", "--map", "time=date"]
    settings = (
        *POINTS, backbone, f"reshape.horizon={horizon}", "reshape.context=336", f"epochs={epochs}",
        "split.sizes=[8640, 2880, 2880]", "optimiser.rate=0.001", "optimiser.encoder_rate=0.001", "batch.rows=256",
    )  # fmt: skip
    return _trained(DEMAND, folder / "run", [*options, *_set(settings)])


def _exchange(folder: Path, backbone: str) -> Entry:
    """Eight currencies by the day; 70, 10 and 20 % of the days train, validate and test; horizon 96, context 96."""
    table = pd.read_csv(_file("finance/exchange_rate/exchange_rate.txt"), header=None)
    table.columns = pd.Index([f"currency {at}" for at in range(1, 9)])
    table.insert(0, "time", pd.date_range("1990-01-01", periods=len(table), freq="D"))
    path = folder / "rates.csv"
    table.to_csv(path, index=False)
    settings = (
        *POINTS, backbone, "reshape.horizon=96", "reshape.context=96", "reshape.season=1", "epochs=10",
        "split.sizes=[5311, 760, 1517]", "optimiser.rate=0.0005", "optimiser.encoder_rate=0.0005", "batch.rows=64",
    )  # fmt: skip
    return _trained(DEMAND, folder / "run", ["--data", path, "--map", "demand=*", *_set(settings)])


def _set(settings: tuple[str, ...]) -> list[str]:
    return [part for each in settings for part in ("--set", each)]


def _file(name: str) -> Path:
    """A file of the data folder; ValueError where it is not the one that the figures are about."""
    path = Path(os.environ[VARIABLE]) / name
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256[name]:
        raise ValueError(f"{path} has sha256 {found}, not {SHA256[name]}: these are other data")
    return path


def _trained(task: str, output: Path, options: list[Any]) -> Entry:
    """`vertikit train`; what it and its baselines reach on the test, and how it went."""
    started = time.perf_counter()
    command = [COMMAND, "train", task, *map(str, options), "--output", output]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=os.environ)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise RuntimeError(f"vertikit train failed: {done.stderr[-2000:]}")
    metrics = json.loads((output / "metrics.json").read_text(encoding="utf-8"))
    sides = {"vertikit": metrics["test"], **metrics["baselines"]}
    return {
        "task": task,
        "rows": {part: metrics["rows"][part] for part in ("train", "valid", "test")},
        "seconds": round(seconds, 1),
        "difference": metrics.get("difference"),
        "verdict": metrics["verdict"],
        "account": metrics["policy"].get("account", {}),
        "sides": {side: {name: found.get(name) for name in SHOWN[task]} for side, found in sides.items()},
    }
