"""Which foundation models come into question for a task: those that are named, or those that are at hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from vertikit.errors import UsageError, VertikitError
from vertikit.recipe.dialect import read, write_inline
from vertikit.registry.options import options_of
from vertikit.select.choosing import backbone_component, choose_backbone

if TYPE_CHECKING:
    from vertikit.contracts import BackboneInfo
    from vertikit.recipe import Recipe
    from vertikit.registry import Registry
    from vertikit.task import Task


SMALL = 1_000_000
"""Parameters of an untrained network that is tried unasked: all of it would have to be trained."""


@dataclass(frozen=True)
class Candidate:
    """A backbone as a recipe names it, with what it says of itself, or why it cannot be had."""

    choice: Mapping[str, Any]
    info: BackboneInfo | None = None
    why_not: str = ""

    @property
    def name(self) -> str:
        """As it is typed behind `--set backbone=`."""
        plain = set(self.choice) == {"name"}
        return str(self.choice["name"]) if plain else write_inline(dict(self.choice))


def named(text: str) -> dict[str, Any]:
    """The recipe's `backbone` of a text that was typed: a name, a folder, a Hub id, or {name: …, OPTION: …}."""
    value = read(text)
    if isinstance(value, str) and value.strip():
        return {"name": value.strip()}
    if isinstance(value, dict) and isinstance(value.get("name"), str):
        return value
    raise UsageError(
        f"--candidate {text}: names no backbone.", "Give a name, a folder, a Hub id, or {name: …}."
    )


def candidates(task: Task, recipe: Recipe, registry: Registry, asked: Sequence[str]) -> list[Candidate]:
    """Those that are asked for; without any, the recipe's own and every registered one that reads what the task has and
    is pretrained; where none is, the small ones that could be trained from nothing. One that cannot be had stands among
    them with the reason.

    UsageError for a text that names none, or one that is named twice.
    """
    if asked:
        found = [_looked_at(named(text), task, registry) for text in asked]
        choices = [each.name for each in found]
        if twice := [name for name in dict.fromkeys(choices) if choices.count(name) > 1]:
            raise UsageError(f"--candidate {twice[0]}: is named twice.", "Name each once.")
        return found
    own = _looked_at(_own_choice(recipe, task, registry), task, registry)
    others = [each for each in _registered(task, registry) if each.choice["name"] != recipe.backbone.name]
    pretrained = [each for each in others if each.info is None or each.info.pretrained]
    if any(each.info is not None and each.info.pretrained for each in (own, *pretrained)):
        return [own, *pretrained]
    return [own, *(each for each in others if each.info is None or each.info.parameters <= SMALL)]


def _own_choice(recipe: Recipe, task: Task, registry: Registry) -> dict[str, Any]:
    """The recipe's backbone with those of its options that are not its defaults."""
    component, _ = backbone_component(recipe.backbone.name, registry, task.modalities)
    usual = {name: option.default for name, option in options_of(component).known.items()}
    changed = {
        name: value
        for name, value in recipe.backbone.options.items()
        if name not in usual or usual[name] != value
    }
    return {"name": recipe.backbone.name, **changed}


def _registered(task: Task, registry: Registry) -> Iterator[Candidate]:
    """Every registered backbone that needs no further word and reads what the task has."""
    for component in registry.components("backbones"):
        if component.missing():
            continue
        try:
            if any(option.required for option in options_of(component).known.values()):
                continue
        except VertikitError:
            continue
        found = _looked_at({"name": component.name}, task, registry)
        # One of a wrong kind was not asked for; one that cannot be had says so itself.
        if found.info is None or found.info.modality in task.modalities:
            yield found


def _looked_at(choice: dict[str, Any], task: Task, registry: Registry) -> Candidate:
    from vertikit.recipe.choices import check_choice
    from vertikit.recipe.model import Choice

    checked, problems, _ = check_choice("backbone", "backbones", choice, registry, task.modalities)
    if problems:
        return Candidate(choice, None, f"{problems[0].what} {problems[0].do}".strip())
    try:
        info = choose_backbone(Choice.model_validate(checked), registry, task.modalities).info()
    except VertikitError as error:
        return Candidate(choice, None, str(error))
    if info.modality not in task.modalities:
        return Candidate(choice, info, f"reads {info.modality}, which {task.name} has not")
    return Candidate(choice, info)
