"""What a trade asks of a model before it is used: each bar passed or failed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertikit.evaluate.verdict import metric_title

if TYPE_CHECKING:
    from vertikit.contracts import Metric
    from vertikit.protocol import Bar


def judged_bars(
    bars: Sequence[Bar], results: Mapping[str, Any], metrics: Mapping[str, Metric]
) -> list[dict[str, Any]]:
    """The key "bars" of metrics.json: {"bar": a sentence, "metric", "limit", "value", "passed", "where"} for each.

    `passed` is None, and "why" says the reason, where a bar cannot be judged on these rows. A bar against the second
    opinion is on what is lost to it; one by slices is on the worst slice, which `where` names.
    """
    return [_judged(bar, results, metrics[bar.metric]) for bar in bars if bar.metric in metrics]


def _judged(bar: Bar, results: Mapping[str, Any], metric: Metric) -> dict[str, Any]:
    higher, title = metric.higher_is_better, metric_title(bar.metric)
    entry: dict[str, Any] = {"metric": bar.metric, "limit": bar.limit}
    value, where, why = None, "", "not defined on these rows"
    if bar.against == "second":
        entry["bar"] = f"{title} no more than {bar.limit:.2f} worse than a second grader's"
        second = results.get("second")
        if second is None:
            why = "the data has no second grader"
        else:
            ours, theirs = (_value(second[each].get(bar.metric)) for each in ("model", "second"))
            if ours is not None and theirs is not None:
                value = theirs - ours if higher else ours - theirs
        higher = False
    elif bar.against == "slices":
        sense = "at least" if higher else "at most"
        entry["bar"] = f"{title} {sense} {bar.limit:.2f} in every group"
        found = [
            (measured, f"{column} {name}")
            for column, slices in (results.get("slices") or {}).items()
            for name, each in slices.items()
            if (measured := _value(each.get(bar.metric))) is not None
        ]
        if found:
            value, where = (min if higher else max)(found)
        else:
            why = "the data has no groups of enough rows"
    else:
        entry["bar"] = f"{title} {'at least' if higher else 'at most'} {bar.limit:.2f}"
        value = _value(results["test"].get(bar.metric))
    entry |= {"value": value, "where": where}
    if value is None:
        return {**entry, "passed": None, "why": why}
    return {**entry, "passed": value >= bar.limit if higher else value <= bar.limit}


def _value(measured: Any) -> float | None:
    return measured.get("value") if isinstance(measured, Mapping) else None
