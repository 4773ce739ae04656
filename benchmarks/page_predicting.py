"""The section on predicting of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, figure, verdict

Entry = dict[str, Any]
TIMES_PIPELINE, TIMES_SENTENCES, TIMES_INT8, TIMES_LOOP, POINTS = 4.0, 1.0, 1.5, 1.2, 0.5


def predicting_section() -> str:
    """Texts and tables, or nothing where neither was taken."""
    entries = load("predicting")
    if not entries:
        return ""
    texts = [each for each in entries.values() if "times_pipeline" in each]
    tables = sorted(
        (each for each in entries.values() if "peak_memory_mb" in each), key=lambda each: int(each["rows"])
    )
    lines = ["## Predicting: `run.predict`, and `vertikit predict --output FOLDER`"]
    for each in texts:
        lines += ["", *_texts(each)]
    if tables:
        lines += ["", *_tables(tables)]
    return "\n".join([*lines, "", conditions(entries)])


def _texts(each: Entry) -> list[str]:
    lines = [
        f"**Texts** (symptom2disease, {each['rows']} test rows, two threads each, feature cache off, {each['rounds']} "
        "turns in which every side answers all rows; medians, factors turn by turn). `pipeline` is the Transformers "
        "pipeline with its defaults, a row at a time, on the same encoder; its head has learnt nothing, since it is "
        "there for its speed. sentence-transformers is `encode` as it comes and a logistic regression. Vertikit is "
        "`run.predict` of a probe without blend, from rows to decisions with reasons; the other lines are the same run "
        "by `vertikit compress --method`; the last column is their macro-F1 beside that of the float run on the same "
        f"rows, paired, in points. Targets: {TIMES_PIPELINE:g} times the pipeline; in float "
        f"{TIMES_SENTENCES:g} times sentence-transformers, compressed {TIMES_INT8:g} times, at quality within {POINTS} "
        "points of the float run.",
        "",
        "| | rows/s | times the pipeline | times sentence-transformers | macro-F1 | points above float |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for name, speed in each["rows_per_second"].items():
        pipeline, sentences = each["times_pipeline"].get(name), each["times_sentences"].get(name)
        own = name.startswith("vertikit")
        least = TIMES_SENTENCES if name == "vertikit" else TIMES_INT8
        lines.append(
            f"| {name} | {speed:,.0f} "
            f"| {_factor(pipeline, TIMES_PIPELINE if own else None)} | {_factor(sentences, least if own else None)} "
            f"| {figure(each['scores'][name]) if name in each['scores'] else ''} "
            f"| {_points(each['above_float'].get(name), own)} |"
        )
    return lines


def _factor(value: float | None, least: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if least is None else f"**{value:.2f}** {verdict(value >= least)}"


def _points(found: Entry | None, own: bool) -> str:
    if found is None:
        return ""
    low, high = found["ci95"]
    said = f"{found['points']:+.1f} ({low:+.1f} to {high:+.1f})"
    return f"{said} {verdict(found['points'] >= -POINTS)}" if own else said


def _tables(tables: list[Entry]) -> list[str]:
    lines = [
        "**Millions of rows** (uci_credit_default again and again as Parquet; finance/fraud with the network `mlp`; "
        "from the file to parts with decisions and reasons, 100,000 rows a part; each size in a process of its own; "
        "peak memory is the process's own, mapped files aside).",
        "",
        "| rows | seconds | processor seconds | rows/s | rows a processor second | peak, MB | bytes a row in | out |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for each in tables:
        lines.append(
            f"| {each['rows']:,} | {each['seconds']} | {each['processor_seconds']} | {each['rows_per_second']:,} "
            f"| {each['rows_per_processor_second']:,} | {each['peak_memory_mb']:,} | {each['bytes_in']} "
            f"| {each['bytes_out']} |"
        )
    if len(tables) > 1:
        small, large = tables[0], tables[-1]
        lines += [
            "",
            f"{large['rows'] / small['rows']:.0f} times the rows take "
            f"{large['processor_seconds'] / small['processor_seconds']:.1f} times the processor's seconds and "
            f"{large['peak_memory_mb'] / small['peak_memory_mb']:.2f} times the memory.",
        ]
    for each in tables:
        if "times_loop" in each:
            lines += [
                "",
                "Beside the bare loop (tensors ready, the model on batches of the same size, outputs to answers; no "
                f"file, no decision, no reason), {each['beside_rows']:,} rows in turns: **{each['times_loop']} times** "
                f"by the clock {verdict(each['times_loop'] <= TIMES_LOOP)}, {each['times_loop_processor']} times by "
                f"the processor's seconds. Target: at most {TIMES_LOOP}.",
            ]
    return lines
