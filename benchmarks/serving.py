"""`vertikit serve` under many clients beside the same model in a plain handler; and eight runs in one process."""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks.kit import COMMAND, train_command
from benchmarks.results import Results
from benchmarks.rows import TASK, clean_rows, few

SET = "symptom2disease"
CLIENTS, SECONDS, ROUNDS = 64, 8.0, 3
THREADS = (1, 2)
"""Of the plain handler; the better counts."""
CLIENT_CORE = "0"
RUNS = 8
KEPT = "VERTIKIT_BENCH_RUNS"
"""Variable that names a folder for the runs; those that are there are not made again."""


def run(only: str = "") -> None:
    """Both parts."""
    results = Results("serving")
    with tempfile.TemporaryDirectory() as own:
        folder = Path(os.environ.get(KEPT) or own) / "serving"
        if only in "load":
            results.keep("load", _load(folder))
        if only in "memory":
            results.keep("memory", _memory(folder))


def _load(folder: Path) -> dict[str, Any]:
    """The kit and the plain handler in turns, each alone under load; medians of the rounds."""
    rows = clean_rows(SET)
    place = folder / "load"
    if not (place / "run").exists():
        train_command(rows, place, "blend=null")
    texts = place / "data" / "test.csv"
    found: dict[str, list[dict[str, float]]] = {}
    bare: dict[str, list[float]] = {}
    with ExitStack() as stack:
        ports = {"kit": stack.enter_context(_served([place / "run"]))}
        paths = {"kit": f"/v1/{TASK}/predict"}
        for threads in THREADS:
            ports[f"plain, {threads}"] = stack.enter_context(_plain(place / "run", threads))
            paths[f"plain, {threads}"] = "/predict"
        for _ in range(ROUNDS):
            for name, port in ports.items():
                found.setdefault(name, []).append(_client(port, paths[name], texts))
            for threads in THREADS:
                bare.setdefault(str(threads), []).append(_bare(place / "run", threads, texts))
        rows_together = _figure(ports["kit"], "vertikit_batch_rows_sum") / _figure(
            ports["kit"], "vertikit_batch_rows_count"
        )
    sides = {
        name: {key: round(statistics.median(each[key] for each in rounds), 2) for key in rounds[0]}
        for name, rounds in found.items()
    }
    plain = max(
        (name for name in sides if name != "kit"), key=lambda name: sides[name]["requests_per_second"]
    )
    ratios = [
        kit["requests_per_second"] / other["requests_per_second"]
        for kit, other in zip(found["kit"], found[plain], strict=True)
    ]
    tails = [kit["p95"] / other["p95"] for kit, other in zip(found["kit"], found[plain], strict=True)]
    return {
        "clients": CLIENTS,
        "rounds": ROUNDS,
        "seconds": SECONDS,
        "sides": sides,
        "plain": plain,
        "ratio": round(statistics.median(ratios), 2),
        "ratios": [round(each, 2) for each in ratios],
        "p95_ratio": round(statistics.median(tails), 2),
        "bare_ms": {name: round(statistics.median(each), 2) for name, each in bare.items()},
        "rows_together": round(rows_together, 1),
    }


def _memory(folder: Path) -> dict[str, Any]:
    """Resident bytes of a server with one run and with eight, after each run has answered."""
    rows = clean_rows(SET)
    places = []
    for at in range(RUNS):
        place = folder / f"memory-{at}"
        strategy = ("strategy=lora", "epochs=1") if at % 2 else ("strategy=probe",)
        if not (place / "run").exists():
            train_command(few(rows, 8, at), place, *strategy, f"seed={at}", "baselines=[majority]")
        named = folder / "named" / f"run-{at}"
        if not named.exists():
            named.parent.mkdir(exist_ok=True)
            (place / "run").rename(named)
            (place / "run").symlink_to(named)
        places.append(named)
    found = {}
    for count in (1, RUNS):
        with _served(places[:count]) as port:
            for place in places[:count]:
                for text in rows.test["text"].head(64):
                    _post(port, f"/v1/{TASK}/predict?run={place.name}", {"row": {"text": text}})
            found[count] = _figure(port, "vertikit_resident_bytes")
    alone = sum(path.stat().st_size for path in (places[0] / "model").rglob("*") if path.is_file())
    return {
        "runs": RUNS,
        "one": found[1],
        "eight": found[RUNS],
        "ratio": round(found[RUNS] / found[1], 3),
        "model_files": alone,
    }


@contextmanager
def _served(runs: list[Path]) -> Iterator[int]:
    """`vertikit serve` as one types it."""
    port = _free()
    with _process([str(COMMAND), "serve", *map(str, runs), "--port", str(port)], port):
        yield port


@contextmanager
def _plain(folder: Path, threads: int) -> Iterator[int]:
    port = _free()
    command = [sys.executable, "-m", "benchmarks.plain_server", str(folder), str(port), str(threads)]
    with _process(command, port):
        yield port


@contextmanager
def _process(command: list[str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=errors)
        try:
            until = time.monotonic() + 300
            while not _ready(port):
                if process.poll() is not None or time.monotonic() > until:
                    errors.seek(0)
                    raise RuntimeError(f"{command[0]} did not start: {errors.read()[-2000:]}")
                time.sleep(0.5)
            yield
        finally:
            process.terminate()
            process.wait()


def _client(port: int, path: str, texts: Path) -> dict[str, float]:
    """The load client, on one core."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.load_client",
        str(port),
        path,
        str(texts),
        str(CLIENTS),
        str(SECONDS),
    ]
    return dict(json.loads(_output(["taskset", "-c", CLIENT_CORE, *command])))


def _bare(folder: Path, threads: int, texts: Path) -> float:
    command = [sys.executable, "-m", "benchmarks.plain_server", str(folder), "bare", str(threads), str(texts)]
    return float(json.loads(_output(command)))


def _output(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as found:
            return bool(found.status == 200)
    except OSError:
        return False


def _post(port: int, path: str, content: Any) -> None:
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", json.dumps(content).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=60) as found:
        found.read()


def _figure(port: int, name: str) -> float:
    """A figure of /metrics, over all of its labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as found:
        lines = found.read().decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith((f"{name} ", f"{name}{{")))


def _free() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
