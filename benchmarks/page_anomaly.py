"""The section on odd pictures of docs/benchmarks.md."""

from __future__ import annotations

from statistics import mean
from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, not_taken, verdict

CLASSES = ("crazing", "inclusion", "patches", "pitted_surface", "rolled-in_scale", "scratches")
PEER, OWN = "anomalib", "vertikit-2000"


def anomaly_section() -> str:
    """A table of the turns and one of the sides, or nothing where none was taken."""
    every = load("anomaly")
    entries = {name: every[name] for name in CLASSES if name in every}
    if not entries:
        return ""
    one = next(iter(entries.values()))
    sides = [side for side in one if isinstance(one[side], dict) and "auroc" in one[side]]
    lines = [
        "## manufacturing/anomaly: the memory bank",
        "neu_surface_defects by turn: one class of steel surfaces is sound, the other five are odd. "
        f"{one['learnt']} sound pictures are learnt, {one['sound']} others and {one['odd']} odd ones are judged, in "
        "the order of the file. MobileNetV2 with pretrained weights, layers features.6 and features.13, 224 pixels, "
        "the very same network and pictures for every side, in batches of 20. anomalib's PatchCore (2.7.0, its model "
        "class) keeps a tenth of all patches, which is its default; the kit keeps at most the number that the side's "
        "name says, chosen of ten times as many (its default is 2,000). Seconds and pictures a second are with the "
        "network's forward pass; memory is the process's own, above what it held with all libraries and the network "
        "loaded. These classes are textures that vary much in themselves, unlike parts: patches and scratches are "
        "hardly told from the others by either side. That layers are averaged each on its own grid, with zeros around "
        "the edge, was settled with these pictures in view.",
        "",
        _line("sound class", [f"AUROC {side}" for side in sides]),
        _line("---", ["---"] * len(sides)),
    ]
    for name, entry in entries.items():
        lines.append(_line(name, [f"{entry[side]['auroc']:.3f}" for side in sides]))
    lines.append(_line("mean", [f"{_mean(entries, side, 'auroc'):.3f}" for side in sides]))
    lines += [
        "",
        "| side | patches in the bank | seconds to learn | pictures a second | memory to learn, MB | to predict, MB |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for side in sides:
        learn, predict = (
            mean(each[side][peak] - each[side]["before_mb"] for each in entries.values())
            for peak in ("learn_peak_mb", "predict_peak_mb")
        )
        lines.append(
            f"| {side} | {_mean(entries, side, 'bank'):,.0f} | {_mean(entries, side, 'learn_seconds'):.1f} | "
            f"{_mean(entries, side, 'pictures_per_second'):.1f} | {learn:,.0f} | {predict:,.0f} |"
        )
    return "\n".join(
        [*lines, "", _judged(entries), *_large(every), not_taken(CLASSES, entries), conditions(entries)]
    )


def _line(first: str, cells: list[str]) -> str:
    return f"| {first} | {' | '.join(cells)} |"


def _judged(entries: dict[str, dict[str, Any]]) -> str:
    """How the default stands to the targets."""
    apart = _mean(entries, OWN, "auroc") - _mean(entries, PEER, "auroc")
    faster = _mean(entries, OWN, "pictures_per_second") / _mean(entries, PEER, "pictures_per_second")
    return (
        f"Of the default beside anomalib: AUROC {apart:+.3f} on average {verdict(apart >= 0)}, {faster:.1f} times its "
        f"pictures a second {verdict(faster >= 2)}."
    )


def _large(every: dict[str, dict[str, Any]]) -> list[str]:
    """Memory where many pictures are learnt."""
    entry = every.get("memory")
    if entry is None:
        return []
    own, peer = (entry[side]["learn_peak_mb"] - entry[side]["before_mb"] for side in (OWN, PEER))
    return [
        f"With {entry['learnt']} pictures to learn, and a hundredth of all patches kept by anomalib so that it ends in "
        f"minutes, learning takes {own:,} MB here and {peer:,} MB there: {own / peer:.2f} times "
        f"{verdict(own <= peer / 2)}; here that does not grow with the pictures."
    ]


def _mean(entries: dict[str, dict[str, Any]], side: str, key: str) -> float:
    return mean(entry[side][key] for entry in entries.values())
