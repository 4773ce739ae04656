"""What the run cost, and how to do it again."""

from __future__ import annotations

import shlex
from pathlib import Path

from vertikit.run.report.page import Block, Cell, Code, Section, Table, heading
from vertikit.run.report.reading import RunFiles
from vertikit.run.report.wording import capital, count, finite, seconds, share, size


def cost(run: RunFiles) -> Section | None:
    """Seconds by stage; parameters, bytes, device, precision; versions."""
    found, spent = run.metrics.get("cost") or {}, run.metrics.get("seconds") or {}
    blocks: list[Block] = []
    if spent:
        whole = finite(spent.get("total")) or sum(finite(each) or 0.0 for each in spent.values())
        lines = tuple(
            (
                Cell(capital(stage.replace("_", " "))),
                Cell(seconds(each), numeric=True),
                Cell(width=(finite(each) or 0.0) / whole if whole and stage != "total" else None),
            )
            for stage, each in spent.items()
        )
        marked = frozenset(line for line, stage in enumerate(spent) if stage == "total")
        blocks.append(
            Table((heading("Stage"), heading("Time", numeric=True), heading("")), lines, "", marked)
        )
    facts = [
        ("Parameters of the model", count(found.get("parameters")), "parameters"),
        ("… that were trained", _trained(found.get("trainable"), found.get("trainable_share")), "trainable"),
        ("Size on disk", size(found.get("model_bytes")), "model_bytes"),
        ("Device", str(found.get("device")), "device"),
        ("Precision", str(found.get("precision")), "precision"),
    ]
    known = tuple((Cell(what), Cell(text, numeric=True)) for what, text, key in facts if key in found)
    if known:
        blocks.append(Table((heading("Model"), heading("", numeric=True)), known))
    versions = run.metrics.get("versions") or {}
    if versions:
        known = tuple(
            (Cell(str(name)), Cell(str(version), numeric=True)) for name, version in versions.items()
        )
        blocks.append(Table((heading("Software"), heading("Version", numeric=True)), known))
    return Section("cost", "What it cost", blocks, "Cost") if blocks else None


def _trained(amount: object, part: object) -> str:
    return f"{count(amount)} ({share(part)})" if finite(part) is not None else count(amount)


def again(run: RunFiles) -> Section | None:
    """The command lines to type next, and the recipe as it was resolved; an evaluation has neither."""
    if run.evaluated:
        return None
    place = shlex.quote(shown_path(run.folder))
    task = str(run.metrics.get("task") or run.saved.get("task") or "TASK")
    columns = run.saved.get("columns") or {}
    maps = "".join(
        f" --map {shlex.quote(f'{role}={column}')}" for role, column in columns.items() if role != column
    )
    lines = [
        f"vertikit predict {place} NEW_ROWS.csv --output predictions.csv",
        f"vertikit evaluate {place} --data OTHER_ROWS.csv",
    ]
    if run.recipe:
        recipe = shlex.quote(f"{shown_path(run.folder)}/recipe.yaml")
        lines.append(f"vertikit train {shlex.quote(task)} --data DATA.csv --recipe {recipe}{maps}")
    blocks: list[Block] = [Code("\n".join(" ".join(line.split("\n")) for line in lines))]
    if run.recipe:
        blocks.append(Code(run.recipe.rstrip("\n"), "The recipe, with every default filled in", folded=True))
    return Section("again", "Use it, judge it elsewhere, do it again", blocks, "Use it")


def shown_path(folder: Path) -> str:
    """The run's folder as a user here would type it; never a path that tells of the machine."""
    final = folder.with_name(folder.resolve().name.removesuffix(".partial"))
    if final.is_absolute():
        here = Path.cwd()
        final = final.relative_to(here) if final.is_relative_to(here) else Path(final.name)
    return final.as_posix()
