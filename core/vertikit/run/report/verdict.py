"""The verdict with the figures it rests on."""

from __future__ import annotations

from dataclasses import dataclass

from vertikit.run.report.measures import better, called, meaning
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, number

_KINDS = {
    "better": "▲ Better than the best baseline",
    "tied": "= No clear difference from the best baseline",
    "worse": "▼ Worse than the best baseline",
    "no-skill": "∅ No skill shown",
    "unjudged": "? No baseline to judge it by",
}


@dataclass(frozen=True)
class Tile:
    """One large figure: what it is, the figure, its interval."""

    what: str
    figure: str
    interval: str


@dataclass(frozen=True)
class Verdict:
    """`kind` is one of metrics.json, or "" where the run has none."""

    kind: str
    label: str
    sentence: str
    tiles: tuple[Tile, ...]
    note: str


def verdict(run: RunFiles) -> Verdict:
    """The sentence, and the primary metric beside the best baseline's."""
    metrics = run.metrics
    kind = str(metrics.get("verdict_kind", ""))
    primary = str(metrics.get("primary", ""))
    tiles = []
    if primary in metrics.get("test", {}):
        score = Score.of(metrics["test"][primary])
        tiles.append(Tile("This model", score.text, score.interval))
    best = best_baseline(metrics)
    if best:
        score = Score.of(metrics["baselines"][best].get(primary))
        tiles.append(Tile(f"Best baseline: {best}", score.text, score.interval))
    difference = metrics.get("difference")
    if difference:
        score = Score.of(difference)
        ends = (
            ""
            if score.low is None
            else f"{number(score.low, signed=True)} to {number(score.high, signed=True)}"
        )
        tiles.append(Tile("Lead on the same rows", number(score.value, signed=True), ends))
    note = ""
    if tiles and primary:
        says = "; ".join(part for part in (meaning(primary), better(primary, metrics)) if part)
        note = f"{called(primary)}: {says}." if says else f"The figures are {called(primary)}."
        if any(tile.interval for tile in tiles):
            note += (
                " Beside each figure stands its 95 % interval, within which it might well lie on other rows."
            )
    label = _KINDS.get(kind, "")
    if label and (metrics.get("leaks") or {}).get("kept"):
        # What was won with leaks is not shown in the colour of success.
        kind, label = "", f"{label}, with leaks kept"
    return Verdict(
        kind=kind if kind in _KINDS else "",
        label=label,
        sentence=str(metrics.get("verdict") or "This run recorded no verdict."),
        tiles=tuple(tiles),
        note=note,
    )


def best_baseline(metrics: Json) -> str | None:
    """The one that the model was compared with, else the best by the primary metric."""
    baselines = metrics.get("baselines") or {}
    named = (metrics.get("difference") or {}).get("baseline")
    if named in baselines:
        return str(named)
    sign = 1 if metrics.get("higher_is_better", True) else -1
    known = {
        name: sign * value
        for name, scores in baselines.items()
        if (value := Score.of(scores.get(metrics.get("primary"))).value) is not None
    }
    return max(known, key=lambda name: known[name]) if known else None
