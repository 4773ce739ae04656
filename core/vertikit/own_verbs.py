"""The engine's own verbs by name: `--help` lists them without importing any, and no plugin takes one of these names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Verb:
    """Where a verb's command lies, `module:name`, and its line in `--help`."""

    path: str
    help: str


SECTIONS: Mapping[str, Mapping[str, Verb]] = {
    "Look around": {
        "tasks": Verb("vertikit.cli.tasks:tasks", "List what can be done, by trade."),
        "show": Verb("vertikit.cli.show:show", "Explain a task or a component."),
        "demo": Verb("vertikit.cli.demo:demo", "Try a task on its sample data, from rows to report."),
        "sample": Verb("vertikit.cli.sample:sample", "Write a task's sample data to a file."),
    },
    "Work": {
        "check": Verb("vertikit.cli.check:check", "Look into data without training: rows, leaks, the split."),
        "select": Verb("vertikit.cli.select:select", "Rank foundation models for a task on your rows."),
        "tune": Verb("vertikit.cli.tune:tune", "Try settings of the recipe, judged by validation rows."),
        "train": Verb("vertikit.cli.train:train", "Adapt a model to your data and judge it."),
        "compress": Verb("vertikit.cli.compress:compress", "Make a run smaller or quicker, within a budget."),
        "transfer": Verb(
            "vertikit.cli.transfer:transfer", "See what runs are worth as a start for other tasks."
        ),
        "distill": Verb("vertikit.cli.distill:distill", "Train a small student of a run."),
        "evaluate": Verb("vertikit.cli.evaluate:evaluate", "Judge a run on further data."),
        "predict": Verb("vertikit.cli.predict:predict", "Answer new rows with a run."),
        "export": Verb("vertikit.cli.export:export", "Write a run as a folder that answers without the kit."),
        "serve": Verb("vertikit.cli.serve:serve", "Answer over HTTP, with a page to try runs."),
    },
    "Runs": {
        "runs": Verb("vertikit.cli.runs:runs", "List the runs in a folder."),
        "compare": Verb("vertikit.cli.compare:compare", "Put runs side by side."),
        "explain": Verb(
            "vertikit.cli.explain:explain", "Show what training changed, and why rows got answers."
        ),
        "watch": Verb("vertikit.cli.watch:watch", "See whether inputs, answers or quality have moved."),
        "report": Verb("vertikit.cli.report:report", "Write a run's report anew."),
        "cache": Verb("vertikit.cli.cache:cache", "Show or clear the features kept on disk."),
    },
    "Plugins": {
        "plugins": Verb("vertikit.cli.plugins:plugins", "List the plugins and what they register."),
    },
}
