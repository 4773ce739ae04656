"""What is wrong with a recipe, said by dotted key, with the nearest valid one."""

from __future__ import annotations

import math
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from vertikit.errors import did_you_mean, nearest
from vertikit.recipe.merging import section
from vertikit.recipe.model import Recipe

ELSEWHERE: Mapping[str, str] = {
    "lr": "optimiser.rate",
    "learning_rate": "optimiser.rate",
    "encoder_lr": "optimiser.encoder_rate",
    "wd": "optimiser.weight_decay",
    "warmup_ratio": "optimiser.warmup",
    "max_grad_norm": "optimiser.max_gradient",
    "lr_scheduler_type": "optimiser.schedule",
    "batch_size": "batch.rows",
    "size": "batch.rows",
    "per_device_train_batch_size": "batch.rows",
    "gradient_accumulation_steps": "batch.accumulate",
    "num_train_epochs": "epochs",
    "n_epochs": "epochs",
    "early_stopping": "patience",
    "early_stopping_patience": "patience",
    "model": "backbone",
    "encoder": "backbone",
    "criterion": "loss",
    "metric": "primary",
    "test_size": "split.test",
    "random_state": "seed",
    "fp16": "precision",
    "bf16": "precision",
    "gpu": "device",
}
"""What other tools call a key."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the dotted key, what about it, and what to write instead."""

    key: str
    what: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.key}: {self.what} {self.do}".strip()


def shown(value: Any) -> str:
    """A value in a message as YAML has it, cut to a length that can be read."""
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    brief = reprlib.Repr()
    brief.maxstring = brief.maxother = 60
    return brief.repr(value)


def all_keys(model: type[BaseModel] = Recipe, prefix: str = "") -> Iterator[str]:
    """Every dotted key of the recipe; components' options are not among them."""
    for name in model.model_fields:
        yield prefix + name
        inner = section(model, name)
        if inner is not None:
            yield from all_keys(inner, f"{prefix}{name}.")


def suggest(key: str, options: Iterable[str]) -> str:
    """The valid keys that an unknown dotted one may have meant: beside it first, then anywhere."""
    *path, last = key.split(".")
    named = ELSEWHERE.get(last.casefold())
    if named is not None:
        return f"Did you mean {named!r}?"
    model: type[BaseModel] | None = Recipe
    for part in path:
        model = section(model, part) if model is not None else None
    beside = list(model.model_fields) if model is not None else []
    close = nearest(last, beside)
    prefix = "".join(f"{part}." for part in path)
    if close:
        return did_you_mean(prefix + last, [prefix + name for name in close])
    # Of keys with one end, the one with the shortest path is meant.
    every = sorted([*all_keys(), *options], key=lambda each: -each.count("."))
    ends = {each.rpartition(".")[2]: each for each in every}
    found = [ends[end] for end in nearest(last, ends)]
    if found:
        return f"Did you mean {' or '.join(repr(each) for each in found)}?"
    return did_you_mean(last, beside)


def from_pydantic(error: ValidationError, options: Sequence[str] = ()) -> list[Problem]:
    """The problems that pydantic found, in words for the reader of a recipe.

    `options` are dotted keys of components' options, which a suggestion may name.
    """
    return [_translate(each, options) for each in error.errors(include_url=False)]


def _translate(error: Any, options: Sequence[str]) -> Problem:
    key = _dotted(error["loc"])
    if error["type"] in ("extra_forbidden", "invalid_key"):
        return Problem(key, "unknown key.", suggest(key, options))
    value = shown(error["input"])
    if error["type"] == "string_pattern_mismatch":
        return Problem(key, f"{value} is not among {_description(error['loc'])}.")
    if isinstance(error["input"], float) and math.isnan(error["input"]):
        return Problem(key, "should be a number, not nan.")
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        return Problem(key, f"holds keys of its own, not {value}.", "Write `key: value` lines under it.")
    reason = str(error["msg"]).removeprefix("Value error, ")
    reason = re.sub(r"^(Input|String|List|Value) should", "should", reason)
    do = ""
    if error["type"] == "literal_error" and isinstance(error["input"], str):
        near = nearest(error["input"], re.findall(r"'([^']*)'", reason), 1)
        do = f"Did you mean {near[0]!r}?" if near else ""
    return Problem(key, f"{reason}, not {value}.", do)


def truths_for_numbers(
    values: Mapping[str, Any], model: type[BaseModel] = Recipe, prefix: str = ""
) -> list[Problem]:
    """`epochs: true`, which pydantic would read as 1."""
    problems = []
    for key, value in values.items():
        field = model.model_fields.get(key)
        inner = section(model, key)
        if inner is not None and isinstance(value, Mapping):
            problems += truths_for_numbers(value, inner, f"{prefix}{key}.")
        elif field is not None and not takes_truth(field.annotation, value):
            problems.append(Problem(prefix + key, NOT_TRUE.format(shown(value))))
    return problems


NOT_TRUE = "should be a number, not {}."


def takes_truth(hint: Any, value: Any) -> bool:
    """Whether a value holds no true or false, or its type allows them."""
    if isinstance(value, (list, tuple)):
        return all(takes_truth(hint, each) for each in value)
    return not isinstance(value, bool) or not _numeric(hint)


def _numeric(hint: Any) -> bool:
    parts = list(_parts(hint))
    return any(part in (int, float) for part in parts) and bool not in parts


def _parts(hint: Any) -> Iterator[Any]:
    yield hint
    for inner in get_args(hint):
        yield from _parts(inner)


def _dotted(location: Sequence[str | int]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".") or "(the whole)"


def _description(location: Sequence[str | int]) -> str:
    model: type[BaseModel] = Recipe
    for part in location[:-1]:
        model = section(model, str(part)) or model
    return model.model_fields[str(location[-1])].description or "the values allowed"
