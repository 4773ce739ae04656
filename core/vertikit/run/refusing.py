"""What runs of forecasts cannot do so far, said before anything is begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vertikit.errors import UsageError

if TYPE_CHECKING:
    from vertikit.recipe import Recipe
    from vertikit.run.run import Run
    from vertikit.task import Task

DO = "Of forecasts there are check, train, evaluate, predict, compare and report."


def refuse_forecasts(run: Run, verb: str) -> None:
    """UsageError where a run foretells steps, and `verb` does not handle these."""
    if run.task.target.ahead:
        raise UsageError(
            f"{run.folder}: foretells steps of series, and {verb} does not handle these so far.", DO
        )


def refuse_forecast_task(task: Task, verb: str) -> None:
    """The same of a task."""
    if task.target.ahead:
        raise UsageError(
            f"{task.name}: foretells steps of series, and {verb} does not handle these so far.", DO
        )


def refuse_in_forecasts(task: Task, recipe: Recipe) -> None:
    """UsageError where the recipe of a forecast asks for what is not there for one so far."""
    asked = {
        "start.run": recipe.start.run,
        "teacher.run": recipe.teacher.run,
        "compress.run": recipe.compress.run,
        "few_shot": recipe.few_shot,
        "evaluation.few_shot": recipe.evaluation.few_shot,
        "blend": recipe.blend,
    }
    wrong = [key for key, value in asked.items() if value]
    if task.target.ahead and wrong:
        raise UsageError(
            f"the recipe is wrong at {wrong[0]}: {task.name} foretells steps of series, which it does not do so far.",
            "Leave it out.",
        )
