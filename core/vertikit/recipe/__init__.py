"""Recipes: all that can be tuned, one pydantic model, YAML on disk."""

from vertikit.recipe.commented import commented_recipe, dump_recipe
from vertikit.recipe.layers import load_recipe_file, parse_set
from vertikit.recipe.model import Choice, Recipe
from vertikit.recipe.resolving import resolve_recipe

__all__ = [
    "Choice",
    "Recipe",
    "commented_recipe",
    "dump_recipe",
    "load_recipe_file",
    "parse_set",
    "resolve_recipe",
]
