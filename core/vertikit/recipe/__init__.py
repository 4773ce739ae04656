"""Recipes: all that can be tuned, one pydantic model, YAML on disk."""

from vertikit.recipe.model import Choice, Recipe
from vertikit.recipe.resolving import resolve_recipe

__all__ = ["Choice", "Recipe", "resolve_recipe"]
