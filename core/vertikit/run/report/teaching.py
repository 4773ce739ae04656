"""What a student learnt by its teacher: both, and the same student without one."""

from __future__ import annotations

from vertikit.run.report import figures
from vertikit.run.report.measures import called
from vertikit.run.report.page import Block, Section, Words, picture
from vertikit.run.report.reading import Json, RunFiles
from vertikit.run.report.scores import compared
from vertikit.run.report.wording import Score, count, share


def teaching(run: RunFiles) -> Section | None:
    """Teacher, student, and the student alone on the same test rows; how much of the gap the teacher has closed."""
    found: Json = run.metrics.get("teacher") or {}
    names = {"teacher": "teacher", "student": "student", "alone": "same student, no teacher"}
    columns = {words: found[key] for key, words in names.items() if found.get(key)}
    table = compared(columns, run.metrics)
    if table is None or len(columns) < 2:
        return None
    sizes: Json = found.get("parameters") or {}
    told = f"The teacher is the run {found.get('run')}, of {count(sizes.get('teacher'))} parameters in its model; "
    told += f"the student has {count(sizes.get('student'))}."
    if found.get("rows"):
        told += f" The teacher answered {count(found['rows'])} further rows without labels for it."
    closed = found.get("closed")
    if closed is not None:
        told += (
            f" Learning by it closed {share(closed)} of the gap between the student alone and the teacher."
            if 0 < closed <= 1
            else " Learning by it did not help here."
            if closed <= 0
            else " The student is ahead of its teacher."
        )
    primary = str(run.metrics.get("primary", ""))
    scores = [(name, Score.of(column.get(primary))) for name, column in columns.items()]
    text = "The dot is the score on the test rows, the line its 95 % interval. Intervals that overlap much are ties."
    blocks: list[Block] = [Words(told), picture(figures.compared(called(primary), scores), text), table]
    return Section("teacher", "Learning by a teacher", blocks, "Teacher")
