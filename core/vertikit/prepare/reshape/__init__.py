"""From rows to examples: windows of a unit's rows in order of time, origins of forecasts, recordings or pictures that
rows name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from vertikit.errors import UsageError
from vertikit.picture_columns import Image
from vertikit.prepare.reading import TABLE, Rows
from vertikit.prepare.reshape.forecasts import forecasts
from vertikit.prepare.reshape.pictured import pictured
from vertikit.prepare.reshape.recorded import windows_of_recordings
from vertikit.prepare.reshape.reshaped import Left, Reshaped, task_of_examples
from vertikit.prepare.reshape.windowed import windows_of_rows
from vertikit.prepare.roots import Root
from vertikit.recipe.examples import Reshape
from vertikit.recipe.model import PictureChoice
from vertikit.registry import Registry
from vertikit.series_columns import Recording
from vertikit.task import Task


def reshape(
    task: Task,
    rows: Rows,
    choice: Reshape,
    folder: Path,
    *,
    targets: bool,
    registry: Registry,
    root: Callable[[int], Root],
    pictures: PictureChoice | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Reshaped:
    """Make examples as the recipe says; each row is one where it says nothing.

    With `targets`, windows whose target is not known are left out and counted; VertikitError where none is left.
    `root` is asked for that of an example, where rows name recordings or pictures; `report` is told what takes long.
    """
    if task.target.ahead:
        return forecasts(task, rows, choice, folder, targets=targets)
    if choice.context is not None or choice.known_ahead or choice.frequency is not None:
        raise UsageError(
            f"the recipe is wrong at reshape: {task.target.name} of {task.name} is not foretold from its own past.",
            "Leave out reshape.context, reshape.frequency and reshape.known_ahead.",
        )
    present = rows.examples.table.column_names
    recording = next(
        (each for each in task.inputs if isinstance(each, Recording) and each.name in present), None
    )
    if recording is not None:
        return windows_of_recordings(
            task, recording, rows, choice, folder, targets=targets, registry=registry, root=root(0)
        )
    if choice.window is not None:
        return windows_of_rows(task, rows, choice, folder, targets=targets)
    for name in ("stride", "horizon", "gap"):
        if getattr(choice, name) is not None:
            raise UsageError(
                f"reshape.{name} is set, and reshape.window is not: a row is an example, and has none.",
                "Give the window too: --set reshape.window=60",
            )
    if any(isinstance(each, Image) and each.name in present for each in task.inputs):
        return pictured(
            task, rows, pictures or PictureChoice(), folder,
            targets=targets, registry=registry, root=root, report=report,
        )  # fmt: skip
    left = Left.of(rows)
    lines, left_lines = left.lines(rows.position)
    return Reshaped(task, rows.examples, folder / TABLE, lines, rows.bad, left_lines)


__all__ = ["Reshaped", "reshape", "task_of_examples"]
