"""Millions of table rows into parts, in a process of its own, beside the bare loop over the same network."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import vertikit
from benchmarks.fraud import DEFAULTS
from benchmarks.table_sets import TABLES
from benchmarks.velocity import Memory

MAP = {"id": "ID", "fraud": "default.payment.next.month"}
SOME = 1_000_000
"""Rows of the turns in which the two sides are compared."""
ROUNDS = 3


def measure(folder: Path, rows: int) -> dict[str, Any]:
    """Seconds and peak memory of all rows; then both sides on some of them, in turns."""
    from vertikit.deploy.batches.job import Asked, predict_in_parts

    run = vertikit.load(folder)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        source = _written(place / "rows.parquet", rows)
        predict_in_parts(run, Asked((_written(place / "warm.parquet", 1000),), place / "warm", MAP))
        memory = Memory()
        started, processor = time.perf_counter(), time.process_time()
        found = predict_in_parts(run, Asked((source,), place / "out", MAP))
        seconds, used = time.perf_counter() - started, time.process_time() - processor
        peak = memory.highest_since()
        assert found.rows == rows
        size = sum(each.stat().st_size for each in (place / "out").glob("part-*"))
        entry = {
            "rows": rows,
            "seconds": round(seconds, 1),
            "processor_seconds": round(used, 1),
            "rows_per_second": round(rows / seconds),
            "rows_per_processor_second": round(rows / used),
            "peak_memory_mb": peak,
            "bytes_in": round(Path(source).stat().st_size / rows, 1),
            "bytes_out": round(size / rows, 1),
        }
        if rows == 1_000_000:
            entry |= _beside_the_loop(run, _written(place / "some.parquet", SOME), place)
    return entry


def _written(path: Path, rows: int) -> str:
    """The clients again and again, with numbers of their own, as Parquet; in pieces, so that memory stays free."""
    import pandas as pd
    import pyarrow as pa
    from pyarrow import parquet

    table = pd.read_csv(TABLES[DEFAULTS].path())
    schema = pa.Schema.from_pandas(table, preserve_index=False)
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, rows, len(table)):
            piece = table.head(rows - start).assign(
                ID=np.arange(start, start + min(len(table), rows - start))
            )
            writer.write_table(pa.Table.from_pandas(piece, schema=schema, preserve_index=False))
    return str(path)


def _beside_the_loop(run: vertikit.Run, source: str, place: Path) -> dict[str, Any]:
    """The loop has its tensors ready, calls the model on batches of the same size, and turns outputs into answers; the
    kit goes from the file to parts with decisions and reasons. Ratios turn by turn, by clock and processor."""
    import torch

    from vertikit.adapt.encoding import INFERENCE_ROWS, on_device
    from vertikit.deploy.batches.job import Asked, predict_in_parts
    from vertikit.deploy.predicting import read_examples

    examples = read_examples(run, source, MAP, (), "", place, targets=False).examples
    inputs, device = run.parts.inputs(examples), torch.device("cpu")
    starts = range(0, len(examples), INFERENCE_ROWS)
    batches = [
        on_device(inputs, np.arange(start, min(start + INFERENCE_ROWS, len(examples))), device)
        for start in starts
    ]
    model = run.parts.assembled.model
    target = next(iter(model.heads))

    def loop(_: int) -> None:
        with torch.inference_mode():
            for batch in batches:
                run.parts.alone(model(batch)[target].double().numpy())

    def kit(turn: int) -> None:
        predict_in_parts(run, Asked((source,), place / f"turn-{turn}", MAP))

    clock: dict[str, list[tuple[float, float]]] = {"loop": [], "kit": []}
    for turn in range(ROUNDS + 1):
        for name, work in (("loop", loop), ("kit", kit)):
            started, processor = time.perf_counter(), time.process_time()
            work(turn)
            if turn:
                clock[name].append((time.perf_counter() - started, time.process_time() - processor))
    ratios = np.divide(clock["kit"], clock["loop"])
    return {
        "beside_rows": SOME,
        "loop_seconds": [round(each[0], 2) for each in clock["loop"]],
        "kit_seconds": [round(each[0], 2) for each in clock["kit"]],
        "times_loop": round(float(statistics.median(ratios[:, 0])), 2),
        "times_loop_processor": round(float(statistics.median(ratios[:, 1])), 2),
    }


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), round(1e6 * float(sys.argv[2])))))
