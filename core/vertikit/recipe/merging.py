"""Layers of a recipe laid over one another, lowest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from vertikit.recipe.model import Choice, Recipe
from vertikit.registry.component import FAMILIES

_FAMILY_OF = {word: family for family, word in FAMILIES.items()}

CHOICES: Mapping[str, str] = {
    key: _FAMILY_OF[key] for key, field in Recipe.model_fields.items() if field.annotation is Choice
}
"""Recipe key that names one component, with options -> the family it is from."""


def section(model: type[BaseModel], key: str) -> type[BaseModel] | None:
    """The model behind a key that holds keys of its own; None for values, components and unknown keys."""
    field = model.model_fields.get(key)
    kind = field.annotation if field is not None else None
    if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not Choice:
        return kind
    return None


def lay_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """`above` over `below`; neither is changed.

    Sections (`optimiser`) merge key by key, and one that is empty in YAML says nothing. A component given as a bare
    name, or by another name, replaces what is below whole: the options of the old one mean nothing to
    the new one. With the same name, or none, its options merge.
    """
    return _lay_over(below, above, Recipe)


def _lay_over(below: Mapping[str, Any], above: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = section(model, key) if isinstance(key, str) else None
        if inner is not None:
            if value is None:
                continue
            if isinstance(value, str) and "name" in inner.model_fields:
                value = {"name": value}
            lower = merged.get(key)
            if isinstance(value, Mapping):
                value = _lay_over(lower if isinstance(lower, Mapping) else {}, value, inner)
        elif model is Recipe and key in CHOICES:
            if value is None:
                continue
            value = _choose(merged.get(key), value)
        merged[key] = value
    return merged


def _choose(below: Any, above: Any) -> Any:
    if not isinstance(above, Mapping):
        return above
    lower = {"name": below} if isinstance(below, str) else below
    if isinstance(lower, Mapping) and above.get("name", lower.get("name")) == lower.get("name"):
        return {**lower, **above}
    return dict(above)
