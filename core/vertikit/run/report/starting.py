"""What it was worth to start from another run's encoder."""

from __future__ import annotations

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Section, Words, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.scores import compared
from vertikit.run.report.wording import Score


def starting(run: RunFiles) -> Section | None:
    """The model beside the same recipe from the plain encoder on the same test rows, and what the difference says."""
    found: Json = run.metrics.get("start") or {}
    if not found:
        return None
    begun = f"Its encoder starts from that of {found.get('run')}, a run of {found.get('task')}."
    names = {"with": "started from it", "without": "from the plain encoder"}
    columns = {words: found[key] for key, words in names.items() if found.get(key)}
    blocks: list[Block] = [Words(begun)]
    if found.get("told"):
        blocks.append(Words(str(found["told"]), "warning" if found.get("kind") == "negative" else ""))
    if found.get("why"):
        blocks.append(Words(f"There is nothing to compare it with: {found['why']}"))
    table = compared(columns, run.metrics)
    if table is not None and len(columns) > 1:
        primary = str(run.metrics.get("primary", ""))
        scores = [(name, Score.of(column.get(primary))) for name, column in columns.items()]
        text = "The dot is the score on the test rows, the line its 95 % interval; both without a blend."
        blocks += [picture(figures.compared(called(primary), scores), text), table]
    return Section("start", "Started from another run", blocks, "Start")
