"""How groups of people, or places, fare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vertikit.run.report.measures import called
from vertikit.run.report.page import Cell, Section, Table, figure, heading
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.wording import Score, capital, count, shorten

_TOO_FEW = "too few"


def slices(run: RunFiles) -> Section | None:
    """A table for each sensitive column, its values in the order of metrics.json."""
    primary = run.metrics.get("primary")
    tables = [
        _table(str(name), values, primary)
        for name, values in (run.metrics.get("slices") or {}).items()
        if values
    ]
    if not tables:
        return None
    caption = (
        "Look for a group that fares clearly worse, with an interval apart from the others'. Small groups have "
        "wide intervals; «too few» means that a figure would say nothing."
    )
    tables[-1] = replace(tables[-1], caption=caption)
    return Section("slices", "By group of people or place", tables, "By group")


def _table(name: str, values: Json, primary: object) -> Table:
    keys = dict.fromkeys(key for entry in values.values() for key in entry)
    scored = [key for key in keys if any(isinstance(each.get(key), Mapping) for each in values.values())]
    scored.sort(key=lambda key: key != primary)
    head = [Cell(capital(name), name=True), heading("Rows", numeric=True)]
    for key in scored or [""]:
        head.append(heading(called(key) if key else "", numeric=True))
        if key == primary:
            head.append(heading("from 0 to 1"))
    lines = []
    for value, entry in values.items():
        line = [Cell(shorten(value, 40), name=True, full=value), Cell(count(entry.get("rows")), numeric=True)]
        for key in scored or [""]:
            score = Score.of(entry.get(key))
            told = (
                figure(score)
                if score.value is not None
                else Cell(str(entry.get("why") or _TOO_FEW), numeric=True)
            )
            line.append(told)
            if key == primary:
                drawable = score.value is not None and 0 <= score.value <= 1
                line.append(Cell(strip=score if drawable else None))
        lines.append(tuple(line))
    return Table(tuple(head), tuple(lines))
