"""The section on explanations of docs/benchmarks.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmarks.results import load
from benchmarks.wording import conditions


def explain_section() -> str:
    """A line a set, or nothing where none was taken."""
    entries = load("explained")
    if not entries:
        return ""
    lines = [
        "## Explanations held to account",
        "`vertikit explain RUN --data TEST --control TRAIN`. **Change and worth**: Spearman's rank correlation, over "
        "the blocks of the encoder that changed, of the relative norm of a block's change (or of 1 - CKA of its "
        "outputs) with the rise of the loss on test rows when it alone is put back to where it was. **Control**: the "
        "same recipe from the same first weights on shuffled labels; its own change with what its own blocks are "
        "worth, and with what the run's blocks are worth. **Lead**: by how much the run's change follows the latter "
        "better. **Deletion**: how much farther the answer falls (or rises) where the parts that are named go first "
        "than where parts go in random orders, the mean over the steps and rows. Intervals are over resamples of "
        "blocks, which are few, and of rows; p is the share of all orders of blocks that come as far from 0. "
        "symptom2disease: 12 rows of each disease, MiniLM under lora for six epochs; cwru_bearing: windows of 2,048 "
        "readings, `resnet1d` of five blocks from nothing, with rates and epochs set so that it learns at all.",
        "",
        "| set | rows that train, judge | score (control) | blocks | norm and worth | p | 1 - CKA and worth | p "
        "| control, own | control, of the run | lead | deletion |",
        "| --- " * 12 + "|",
    ]
    for name, each in entries.items():
        norm, outputs = each["trained"]["norm"]["loss"], each["trained"]["outputs"]["loss"]
        cells = [
            name,
            f"{each['rows']}, {each['judged']}",
            f"{each['score']:.3f} ({each['control_score']:.3f})",
            norm["blocks"],
            *(text for own in (norm, outputs) for text in (_figure(own), _luck(own))),
            _figure(each["control"]["norm"]["loss"]),
            _figure(each["against"]["loss"]),
            _figure(each["lead"]["loss"]),
            f"{_figure(each['deletion'])}, {each['deletion']['rows']} rows",
        ]
        lines.append(f"| {' | '.join(map(str, cells))} |")
    ahead = sum(each["lead"]["loss"].get("ci95", [0])[0] > 0 for each in entries.values())
    lines += [
        "",
        f"On {ahead} of {len(entries)} sets the interval of the lead leaves 0: "
        + (
            "that relative norm tells learning from the fitting of noise is not shown."
            if not ahead
            else "there relative norm tells learning from the fitting of noise."
        ),
    ]
    lines += ["", "Change of each block, that of the control, and what it costs to put the block back:", ""]
    for name, each in entries.items():
        told = "; ".join(
            f"{block['name']} {block['norm']:.2%} ({block['control']:.2%}), loss {block['loss']:+.3f}"
            for block in each["blocks"]
            if block["loss"] is not None
        )
        lines.append(f"- {name}: {told}.")
    return "\n".join([*lines, "", conditions(entries)])


def _figure(measured: Mapping[str, Any]) -> str:
    if measured.get("value") is None:
        return measured.get("why", "not known")
    ends = measured.get("ci95")
    between = "" if ends is None else f" ({ends[0]:.2f} to {ends[1]:.2f})"
    return f"{measured['value']:.2f}{between}"


def _luck(measured: Mapping[str, Any]) -> str:
    return "" if measured.get("p") is None else f"{measured['p']:.2g}"
