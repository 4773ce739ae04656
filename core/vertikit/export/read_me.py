"""README.md of an export: what it takes, what it gives, and how it was checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from vertikit.contracts import Portable

if TYPE_CHECKING:
    from vertikit.export.parity import Parity
    from vertikit.run.run import Run


def read_me(
    run: Run,
    kind: str,
    about: Mapping[str, Any],
    parity: Parity,
    left_out: Sequence[str],
    runner: Portable,
    parts: Mapping[str, Portable],
) -> str:
    """Markdown."""
    packages = sorted(
        {"numpy", *runner.packages, *(each for part in parts.values() for each in part.packages)}
    )
    program = "items" in parts
    lines = [
        f"# {run.task.name} as {kind}",
        "",
        f"{run.task.summary} From the run `{about['run']}`: {run.verdict}",
    ]
    lines += ["", "CARD.md is its model card: intended use, population, licences.", "", "## Use", ""]
    if program:
        lines += [
            f"    pip install {' '.join(packages)}",
            "    python predict.py rows.csv answers.csv      # or .jsonl; one row, or many",
            "",
            "```python",
            "from predict import Model",
            "",
            "Model().predict([{...}])  # a value by column; the same columns out as `vertikit predict` gives",
            "```",
            "",
            "| column | type | required | |",
            "| --- | --- | --- | --- |",
        ]
        for each in about["inputs"]:
            note = each["help"] + (f" (given by the expert {each['from']})" if "from" in each else "")
            lines.append(
                f"| {each['name']} | {each['type']} | {'yes' if each['required'] else 'no'} | {note} |"
            )
        lines += ["", f"Answers: {', '.join(f'`{name}`' for name in about['outputs'])}, `error`."]
    else:
        lines.append(
            "Rows of this task are files that only the kit reads, so there is a graph and no program."
        )
    if about["decides"]:
        lines += ["", about["decides"]]
    lines += ["", "## The graph", "", f"`{'model.onnx' if kind == 'onnx' else 'model.pt2'}`:", ""]
    for name, each in about["graph"]["inputs"].items():
        lines.append(f"- in: `{name}` {each['type']} {each['shape']}")
    lines += [f"- out: `{name}`" for name in about["graph"]["outputs"]]
    if about["graph"]["told"]:
        lines += ["", about["graph"]["told"]]
    lines += [
        "",
        "Labels, calibration, blend and thresholds stand in model.json, outside the graph.",
        "",
        "## Checked",
        "",
        f"Before this folder got its name it was compared with the run on {parity.source}: its answers differ "
        f"{parity.told}.",
    ]
    if left_out:
        lines += ["", "## Left out", "", *(f"- {each}" for each in left_out)]
    if "blend" in parts and any(key == "terms" for key in parts["blend"].settings):
        lines += [
            "",
            "model.json holds words of the training texts: share this folder as you would share those.",
        ]
    return "\n".join(lines) + "\n"
