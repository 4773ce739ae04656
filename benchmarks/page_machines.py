"""The section on machines of docs/benchmarks.md."""

from __future__ import annotations

from typing import Any

from benchmarks.machines import SHOWN
from benchmarks.results import load
from benchmarks.wording import conditions

WHAT = {
    "ai4i2020": "ai4i2020, rows of a table, failure modes left out; blocks of rows, mean of three splits",
    "ai4i2020/rules": "the same with the machine's documented physics as rules (docs/ai4i2020-rules.yaml) for features",
    "skab": "skab, windows of a minute; experiments whole, mean of three splits",
    "cwru_bearing": "cwru_bearing, the kind of fault in windows of 2,048 readings; each load tested once, mean of four",
    "tennessee_eastman/detect": "tennessee_eastman, fault or none in windows of an hour; its own parts",
    "tennessee_eastman/kind": "tennessee_eastman, which of 21 faults or none; its own parts",
}
WORDS = {
    "average_precision": "average precision",
    "f1": "F1",
    "false_alarm_rate": "FAR",
    "missed_alarm_rate": "MAR",
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
}
SIDES = (
    "vertikit",
    "model alone",
    "experts alone",
    "model without experts",
    "gradient-boosting",
    "logistic",
    "majority",
)


def machines_section() -> str:
    """A table a set, or nothing where none was taken."""
    entries = load("machines")
    if not entries:
        return ""
    lines = [
        "## manufacturing/fault and fault-kind",
        "The default recipe as a command, and the baselines of the same runs: gradient boosting and logistic "
        "regression on the very same columns, which for windows are what the experts `signal` and `own-past` compute "
        "of them. Thresholds of F1, FAR and MAR come from validation rows; nothing is point-adjusted. skab is judged "
        "with labels in training, so it is not comparable with the published rows of that benchmark, which learn "
        "from sound seconds alone. “Experts alone” is gradient boosting on what the experts say and nothing else, "
        "“model without experts” the same model trained without it. The runs of tennessee_eastman have no unit here "
        "(each fault has one run to learn from), so its intervals resample windows as if they were independent and "
        "are too narrow; 19 of 20 of its training windows are faulty, and a threshold of the best F1 then alarms "
        "nearly always, which its FAR shows. The model alone tells bearings best and the kinds of tennessee_eastman "
        "worse than boosting does; the blend is weighed by log loss on validation rows, and follows boosting where "
        "both are nearly sure; that the default answers in a blend was settled with these figures in view. The "
        "difference and its interval are those of a single run.",
    ]
    for key, words in WHAT.items():
        if key in entries:
            lines += ["", *_table(words, entries[key])]
    return "\n".join([*lines, "", conditions(entries)])


def _table(words: str, entry: dict[str, Any]) -> list[str]:
    metrics = SHOWN[entry["task"]]
    runs = entry["runs"]
    sizes = ", ".join(
        f"{each['rows']['train']:,} + {each['rows']['valid']:,} + {each['rows']['test']:,}" for each in runs
    )
    lines = [
        f"**{words}** (examples that train + validate + test: {sizes})",
        "",
        f"| side | {' | '.join(WORDS[name] for name in metrics)} | {WORDS[metrics[0]]} of each run |",
        f"| --- | {' | '.join('---' for _ in metrics)} | --- |",
    ]
    for side in (each for each in SIDES if each in entry["mean"]):
        means = entry["mean"][side]
        cells = " | ".join("–" if means[name] is None else f"{means[name]:.3f}" for name in metrics)
        each = ", ".join(f"{run['sides'][side][metrics[0]]:.3f}" for run in runs)
        lines.append(f"| {side} | {cells} | {each} |")
    against = "; ".join(
        f"{run['difference']['baseline']} {run['difference']['value']:+.3f}"
        + (
            f" ({run['difference']['ci95'][0]:+.3f} to {run['difference']['ci95'][1]:+.3f})"
            if run["difference"].get("ci95")
            else ""
        )
        for run in runs
    )
    return [*lines, "", f"Beside the best baseline of each run: {against}."]
