"""What a tuning came to: the best setting, what it may be worth on other rows, and which settings mattered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vertikit.tune.space import Knob

if TYPE_CHECKING:
    import optuna

FEWEST = 5
"""Fewer trials say nothing of which setting mattered."""


@dataclass(frozen=True)
class Tried:
    """One trial: its number, how it ended ("complete", "pruned", "fail"), score (None where it has none), settings,
    and seconds."""

    number: int
    state: str
    score: float | None
    settings: Mapping[str, Any]
    seconds: float
    why: str = ""


@dataclass(frozen=True)
class Tuned:
    """What a tuning came to.

    Args:
        primary: the metric; higher_is_better: of it. rows: that train, valid: that judge.
        trials: all. best: the best of them; plain: that of the recipe as it was, where it was tried.
        score, plain_score: of both with their intervals, on validation rows. difference: paired, with its interval.
        expected: what the best setting of such a search is worth on rows that did not choose it (None: not told).
        importance: share of the scores' variation by setting. knobs: what was tried.
    """

    task: str
    primary: str
    higher_is_better: bool
    rows: int
    valid: int
    trials: tuple[Tried, ...]
    best: Tried
    plain: Tried | None
    score: Mapping[str, Any]
    plain_score: Mapping[str, Any]
    difference: Mapping[str, Any]
    expected: float | None
    importance: Mapping[str, float]
    knobs: tuple[Knob, ...]
    folder: Path
    seconds: float = 0.0

    @property
    def reason(self) -> str:
        """In words, whole sentences."""
        if self.plain is None or self.best.number == self.plain.number:
            return f"None of {len(self.trials)} trials is better than the recipe as it is: keep it."
        ends = self.difference.get("ci95")
        lead = f"{self.difference['value']:+.3f}" if self.difference.get("value") is not None else "unknown"
        if not ends:
            return f"The best trial is ahead of the recipe as it is by {lead}; whether by luck is not known."
        words = "beyond luck" if ends[0] > 0 else "which may be luck"
        return (
            f"The best trial is ahead of the recipe as it is by {lead} (95 % interval {ends[0]:+.3f} to "
            f"{ends[1]:+.3f}), {words}."
        )

    @property
    def optimism(self) -> str:
        """What to make of the score."""
        done = sum(each.state == "complete" for each in self.trials)
        told = f"The best of {done} scores on the same {self.valid:,} validation rows promises too much."
        if self.expected is not None:
            told += f" Corrected for the choice: {self.expected:.3f}."
        return told + " Test rows were not looked at: train with the recipe to see them."


def as_json(found: Tuned) -> dict[str, Any]:
    """The content of tuning.json."""
    return {
        "task": found.task,
        "primary": found.primary,
        "higher_is_better": found.higher_is_better,
        "rows": {"train": found.rows, "valid": found.valid},
        "space": [str(knob) for knob in found.knobs],
        "best": {"trial": found.best.number, "settings": dict(found.best.settings), "score": dict(found.score)},
        "recipe_as_it_is": dict(found.plain_score),
        "difference": dict(found.difference),
        "expected": found.expected,
        "importance": dict(found.importance),
        "reason": found.reason,
        "trials": [
            {"number": each.number, "state": each.state, "score": each.score, "settings": dict(each.settings),
             "seconds": each.seconds, **({"why": each.why} if each.why else {})}
            for each in found.trials
        ],
        "seconds": found.seconds,
        "folder": str(found.folder),
    }  # fmt: skip


def importance(study: optuna.Study) -> dict[str, float]:
    """Share of the variation of scores by setting (fANOVA, Hutter, Hoos and Leyton-Brown 2014); none of few trials."""
    import optuna

    done = [each for each in study.trials if each.state.name == "COMPLETE"]
    if len(done) < FEWEST or len({each.value for each in done}) < 2:
        return {}
    try:
        found = optuna.importance.get_param_importances(
            study, evaluator=optuna.importance.FanovaImportanceEvaluator(seed=0)
        )
    except (RuntimeError, ValueError):
        return {}
    return {key: float(value) for key, value in found.items()}


def shown(value: object) -> str:
    """A setting in a few signs; a dash where a trial has none."""
    return f"{value:.3g}" if isinstance(value, float) else "–" if value is None else str(value)
