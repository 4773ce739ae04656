"""The verdict with the figures it rests on, and the warnings that qualify it."""

from __future__ import annotations

from dataclasses import dataclass

from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.scores import explained
from vertikit.run.report.wording import Score, capital, count, finite, number, share, title

_KINDS = {
    "better": "▲ Better than the best baseline",
    "tied": "= No clear difference from the best baseline",
    "worse": "▼ Worse than the best baseline",
    "no-skill": "∅ No skill shown",
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
        tiles.append(Tile("Difference, same rows", number(score.value, signed=True), ends))
    note = ""
    if tiles and primary:
        note = f"{capital(title(primary))}: {explained(primary, metrics)}."
        if any(tile.interval for tile in tiles):
            note += " Under each figure is the range in which it lies with 95 % certainty."
    return Verdict(
        kind=kind if kind in _KINDS else "",
        label=_KINDS.get(kind, ""),
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


def warnings(run: RunFiles) -> list[tuple[str, str]]:
    """(tone, sentence) of each; kept leaks come first, as alarms.

    The run's own sentences are shown as they stand. What the figures call for and no sentence of the
    run mentions is added, so that nothing grave depends on who wrote the list.
    """
    metrics = run.metrics
    sentences = [str(each) for each in metrics.get("warnings") or ()]
    leaks, rows = metrics.get("leaks") or {}, metrics.get("rows") or {}
    kept = bool(leaks.get("kept"))

    def unsaid(word: str) -> bool:
        return not any(word in sentence.casefold() for sentence in sentences)

    found: list[tuple[str, str]] = []
    if kept and unsaid("leak"):
        found.append(
            (
                "alarm",
                "Leaks were kept at your wish: rows that training and test have in common, and texts with "
                "conflicting labels, are still in. The figures below look better than the model is.",
            )
        )
    for sentence in sentences:
        found.append(("alarm" if kept and "leak" in sentence.casefold() else "warning", sentence))
    overfitting = metrics.get("overfitting") or {}
    if overfitting.get("alarm") and unsaid("overfit"):
        found.append(
            (
                "warning",
                f"Overfitting: the model scores {number(finite(overfitting.get('train')))} on the rows it learnt "
                f"from and {number(finite(overfitting.get('valid')))} on rows it had not seen.",
            )
        )
    if (metrics.get("split") or {}).get("refit") and unsaid("refit"):
        found.append(
            (
                "warning",
                "There were few labelled rows: the number of epochs was fixed, calibration and thresholds "
                "come out of fold, and the model was refitted on all training and validation rows.",
            )
        )
    if leaks.get("near") and unsaid("near"):
        found.append(
            (
                "warning",
                f"Near duplicates: {count(leaks['near'])} training rows are nearly like a validation or test row. "
                "They were not removed; where they are copies, the figures flatter.",
            )
        )
    quarantined = finite(rows.get("quarantined")) or 0.0
    if quarantined and quarantined >= 0.05 * (finite(rows.get("read")) or 0.0) and unsaid("quarantin"):
        found.append(
            (
                "warning",
                f"{count(quarantined)} of {count(rows.get('read'))} rows ({share(quarantined, rows.get('read'))}) "
                "could not be used; the reasons stand under Data.",
            )
        )
    return sorted(found, key=lambda pair: pair[0] != "alarm")
