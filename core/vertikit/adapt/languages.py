"""Whether an encoder knows the languages of the texts that it is to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.prepare.language import foreign

if TYPE_CHECKING:
    from vertikit.adapt.assembling import Assembled
    from vertikit.examples import Examples
    from vertikit.task import Task


def foreign_texts(task: Task, assembled: Assembled, examples: Examples) -> list[str]:
    """A sentence for each text column in another language than the encoder's."""
    info = next(iter(assembled.backbones.values())).info
    found: list[str] = []
    for column in task.inputs:
        if column.modality == info.modality == "text" and column.name in examples.table.column_names:
            texts = [value or "" for value in examples.column(column.name)]
            found += filter(None, [foreign(column.name, texts, info.name, info.languages)])
    return found
