"""The section on pictures of docs/benchmarks.md."""

from __future__ import annotations

import statistics
from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions, verdict

WHAT = {
    "covid_chestxray": "covid_chestxray, COVID-19 or another finding, by patient",
    "pneumoniamnist": "pneumoniamnist at 28 pixels, its own parts (published for ResNet-18: AUROC 0.944, accuracy "
    "0.854; Yang et al. 2023, recalled)",
    "brain_mri_tumor": "brain_mri_tumor, tumour or none, by groups of near copies",
    "neu_surface_defects": "neu_surface_defects, six defects, a fifth tested",
}
MOST_TIMES = 1.25
SIDES = {
    "default": "vertikit, default recipe (no weights)",
    "small network": "vertikit, picture-cnn trained in full (no weights)",
    "pretrained, frozen": "vertikit, MobileNetV2 pretrained and frozen",
    "logistic on pretrained features": "logistic regression on its frozen features",
    "logistic on untrained features": "logistic regression on its features without weights",
    "pixels-logistic": "logistic regression on 32 x 32 pixels",
    "picture-frame": "borders, size and metadata alone (the shortcut check)",
}


def imaging_section() -> str:
    """A table a set, or nothing where none was taken."""
    entries = load("imaging")
    if not entries:
        return ""
    lines = [
        "## medical/imaging and manufacturing/quality",
        "The commands of the README. Intervals are of patients, or of groups of pictures that look alike, and of one "
        "split: with 60 patients in a test they are wide, and two sides whose intervals overlap much are tied. The "
        "pretrained encoder is MobileNetV2 of TensorFlow (8-bit weights brought back to floats). Logistic "
        "regression on features is scikit-learn's, on the same test rows, its C chosen by cross-validation.",
    ]
    for key, words in WHAT.items():
        if key in entries:
            lines += ["", *_table(words, entries[key])]
    return "\n".join([*lines, "", conditions(entries)])


def _table(words: str, entry: dict[str, Any]) -> list[str]:
    primary = entry["primary"]
    shown = ("auroc", "accuracy") if primary == "auroc" else ("macro_f1", "accuracy")
    rows = entry["rows"]
    lines = [
        f"**{words}** ({rows['train']:,} + {rows['valid']:,} + {rows['test']:,} pictures that train, validate, test)",
        "",
        f"| side | {' | '.join('AUROC' if each == 'auroc' else each.replace('_f1', '-F1') for each in shown)} |",
        f"| --- | {' | '.join('---' for _ in shown)} |",
    ]
    for side, called in SIDES.items():
        if side in entry["sides"]:
            cells = " | ".join(_cell(entry["sides"][side].get(each)) for each in shown)
            lines.append(f"| {called} | {cells} |")
    if "warned" in entry:
        told = [
            f"{SIDES[side]}: {'warned' if there else 'not warned'}" for side, there in entry["warned"].items()
        ]
        lines += ["", f"Shortcut check: {'; '.join(told)}."]
    for side, views in entry.get("views", {}).items():
        told = [
            f"{view} {_cell(found['auroc'])} ({found['rows']} rows)"
            for view, found in views.items()
            if isinstance(found.get("auroc"), dict)
        ]
        lines += ["", f"AUROC by view, {SIDES[side]}: {'; '.join(told)}."]
    for side, counts in entry.get("few_shot", {}).items():
        told = [f"{each['shots']}: {each['recall']['value']:.3f}" for each in counts if each.get("shots")]
        lines += [
            "",
            f"Recall (mean of classes) by pictures of each class, {SIDES[side]}: {'; '.join(told)}.",
        ]
    return lines


def picture_epoch_section() -> str:
    """Pictures decoded, and an epoch beside a bare loop; nothing where it was not taken."""
    entries = load("picture_epoch")
    if not entries:
        return ""
    lines = [
        "## Pictures read, decoded, augmented and trained",
        "neu_surface_defects out of its zip archive. The epochs are those of `vertikit.train` (strategy full; every "
        "picture flipped, turned, shifted and relit anew) and of a bare PyTorch loop on the same network, optimiser "
        "and batches of 32, its pictures in memory as tensors and never altered. The sides alternate, the first "
        "round warms up, and the ratio is the median of the rounds; beside it that of the fastest epochs, which other "
        f"work on the machine disturbs less. Target: at most {MOST_TIMES} times the loop.",
        "",
    ]
    for name, each in entries.items():
        if name == "decoding":
            lines += [
                f"Decoding alone: {each['pictures_per_second']:,} pictures of 200 x 200 a second ({each['pictures']:,} "
                f"pictures in {', '.join(map(str, each['kit_seconds']))} s), each checked, given a fingerprint "
                "for look-alikes and kept in a file for all epochs; Pillow, which does none of this, takes "
                f"{', '.join(map(str, each['pillow_seconds']))} s with a thread a core.",
                "",
            ]
    lines += [
        "| network | pictures that train | Vertikit, s an epoch | loop, s an epoch | times the loop | fastest epochs "
        "| prepare, s | times the loop with preparing, 3 epochs | 25 epochs (the default) | pictures/s, 3 epochs |",
        "| --- " * 10 + "|",
    ]
    for name, each in entries.items():
        if name != "decoding":
            lines.append(
                f"| {name}, {each['size']} pixels | {each['pictures']:,} | {', '.join(map(str, each['kit_seconds']))} "
                f"| {', '.join(map(str, each['loop_seconds']))} "
                f"| **{each['times_loop']}** {verdict(each['times_loop'] <= MOST_TIMES)} "
                f"| {each['times_loop_fastest']} | {', '.join(map(str, each['read_seconds']))} "
                f"| {each['times_loop_with_reading']} {verdict(each['times_loop_with_reading'] <= MOST_TIMES)} "
                f"| {_drawn_out(each, 25):.3f} {verdict(_drawn_out(each, 25) <= MOST_TIMES)} "
                f"| {each['pictures_per_second']} |"
            )
    return "\n".join([*lines, "", conditions(entries)])


def _drawn_out(each: dict[str, Any], epochs: int) -> float:
    """Times the loop of a training of so many epochs, which prepares once: from the medians."""
    kit, ready, loop = (
        statistics.median(each[name]) for name in ("kit_seconds", "read_seconds", "loop_seconds")
    )
    return float((epochs * kit + ready) / (epochs * loop))


def _cell(found: dict[str, Any] | None) -> str:
    if not found or found.get("value") is None:
        return "–"
    text = f"{found['value']:.3f}"
    return text + (f" ({found['ci95'][0]:.3f} to {found['ci95'][1]:.3f})" if "ci95" in found else "")
