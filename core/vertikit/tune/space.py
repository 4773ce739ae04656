"""What is tried of a recipe: the keys that declare it, options of its components, and what the user asks for."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml
from pydantic import BaseModel

from vertikit.errors import UsageError
from vertikit.recipe.model import Batch, Optimiser, Recipe

if TYPE_CHECKING:
    from optuna import Trial

    from vertikit.registry import Registry

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "dropout": {"low": 0.0, "high": 0.5},
    "label_smoothing": {"low": 0.0, "high": 0.2},
    "rank": {"choices": [4, 8, 16, 32]},
    "layer_decay": {"low": 0.7, "high": 1.0},
}
"""Options of strategies, heads and losses that are tried wherever a component has one of that name."""
SECTIONS: Mapping[str, type[BaseModel]] = {"optimiser": Optimiser, "batch": Batch}
_RANGE = re.compile(r"^\s*(\S+?)\s*\.\.\s*(\S+?)\s*$")


@dataclass(frozen=True)
class Knob:
    """A key of the recipe and what is tried of it: `choices`, or numbers from `low` to `high`."""

    key: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    def suggest(self, trial: Trial) -> Any:
        """The value of a trial."""
        if self.choices:
            return trial.suggest_categorical(self.key, list(self.choices))
        if self.whole:
            return trial.suggest_int(self.key, int(self.low), int(self.high), log=self.log)
        return trial.suggest_float(self.key, self.low, self.high, log=self.log)

    def holds(self, value: Any) -> bool:
        """Whether that value is among those that are tried."""
        if self.choices:
            return value in self.choices
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def __str__(self) -> str:
        if self.choices:
            return f"{self.key}: {', '.join(map(str, self.choices))}"
        return f"{self.key}: {self.low:g} to {self.high:g}"


def knobs(recipe: Recipe, known: Registry, kind: str, asked: Sequence[str]) -> tuple[Knob, ...]:
    """What is tried of a recipe on a target of that kind; `asked` adds keys as KEY=LOW..HIGH or KEY=[A, B], or takes
    the place of those that are there.

    UsageError where a wish cannot be read, or nothing is left to try.
    """
    wishes = {wish.key: wish for wish in map(_wish, asked)}
    own = {knob.key: knob for knob in _declared(recipe, known, kind)}
    found = tuple({**own, **wishes}.values())
    if not found:
        raise UsageError(
            "there is nothing to tune: nothing of this recipe is stepped.",
            "Say what to try: --space 'backbone.size=[48, 64]'",
        )
    return found


def layer(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values by key ("head.dropout") as a layer of a recipe."""
    tree: dict[str, Any] = {}
    for key, value in values.items():
        *sections, last = key.split(".")
        place = tree
        for name in sections:
            place = place.setdefault(name, {})
        place[last] = value
    return tree


def value_of(recipe: Recipe, key: str) -> Any:
    """What a recipe has at a key; None where it has none."""
    place: Any = recipe.model_dump(mode="python")
    for name in key.split("."):
        place = place.get(name) if isinstance(place, Mapping) else None
    return place


def _declared(recipe: Recipe, known: Registry, kind: str) -> Iterator[Knob]:
    strategy = known.get("strategies", recipe.strategy.name).resolve()
    trained = not getattr(strategy, "features_once", False)
    head = known.get("heads", recipe.head.name).resolve()
    fitted = hasattr(head, "finish")  # it has no steps, and learns by no loss
    if not fitted:
        for section, model in SECTIONS.items():
            for name, field in model.model_fields.items():
                extra = field.json_schema_extra
                if isinstance(extra, Mapping) and "search" in extra and (name != "encoder_rate" or trained):
                    value = getattr(getattr(recipe, section), name)
                    yield _knob(f"{section}.{name}", dict(extra["search"]), value)  # type: ignore[arg-type]
        if kind == "classes":
            weights = Recipe.model_fields["class_weights"].json_schema_extra
            assert isinstance(weights, Mapping)
            yield _knob("class_weights", dict(weights["search"]), None)  # type: ignore[arg-type]
    for section in ("head",) if fitted else ("strategy", "head", "loss"):
        for name in getattr(recipe, section).options:
            if name in OPTIONS:
                yield _knob(f"{section}.{name}", OPTIONS[name], None)


def _knob(key: str, said: Mapping[str, Any], value: Any) -> Knob:
    if "times" in said:
        return Knob(key, low=value / said["times"], high=min(10.0, value * said["times"]), log=True)
    if "multiples" in said:
        return Knob(
            key, choices=tuple(dict.fromkeys(max(1, int(value * each)) for each in said["multiples"]))
        )
    if "choices" in said:
        return Knob(key, choices=tuple(said["choices"]))
    return Knob(key, low=said["low"], high=said["high"], log=bool(said.get("log")))


def _wish(text: str) -> Knob:
    key, sign, values = text.partition("=")
    key, bad = key.strip(), f"--space {text}: is neither KEY=LOW..HIGH nor KEY=[A, B]."
    do = "For instance --space optimiser.rate=0.0001..0.01, or --space 'strategy.rank=[4, 8]'"
    if not sign or not key:
        raise UsageError(bad, do)
    if found := _RANGE.match(values):
        try:
            ends = [yaml.safe_load(end) if "e" not in end.lower() else float(end) for end in found.groups()]
            low, high = (float(end) for end in ends)
        except (ValueError, TypeError, yaml.YAMLError):
            raise UsageError(bad, do) from None
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise UsageError(f"--space {text}: {low:g} is not below {high:g}.", "Give the lower end first.")
        whole = all(isinstance(end, int) for end in ends)
        return Knob(key, low=low, high=high, log=low > 0 and high / low >= 50, whole=whole)
    try:
        choices = yaml.safe_load(values)
    except yaml.YAMLError:
        raise UsageError(bad, do) from None
    plain = isinstance(choices, list) and all(isinstance(each, (str, int, float, bool)) for each in choices)
    if not plain or len(set(map(str, choices))) < 2:
        raise UsageError(bad, do)
    return Knob(key, choices=tuple(choices))
