"""From the recipe's `backbone` to an encoder's source: a registered name, a local folder, or a Hub id."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from vertikit.contracts import BackboneSource
from vertikit.errors import UsageError, VertikitError, did_you_mean
from vertikit.registry.component import Component
from vertikit.registry.loading import Registry
from vertikit.registry.options import options_of

if TYPE_CHECKING:
    from vertikit.recipe.model import Choice

SOURCE = "source"
"""The required parameter by which a backbone's factory says that it serves any folder or Hub id."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def choose_backbone(choice: Choice, registry: Registry) -> BackboneSource:
    """The source of the encoder that a recipe names; no weights are read. UsageError for an unknown name."""
    component, fixed = backbone_component(choice.name, registry)
    options = dict(choice.options)
    if fixed:
        options[SOURCE] = str(_as_path(choice.name)) if _as_path(choice.name).is_dir() else choice.name
    source: BackboneSource = component.resolve()(**options)
    return source


def backbone_component(name: str, registry: Registry) -> tuple[Component, tuple[str, ...]]:
    """The backbone that serves a name of the recipe, and the options which that name itself fills."""
    registered = registry.find("backbones", name)
    if registered is not None:
        return registered, ()
    path = _as_path(name)
    if path.is_dir() or _HUB_ID.fullmatch(name):
        return _serving_sources(name, registry), (SOURCE,)
    if path.exists():
        raise UsageError(f"backbone {name!r} is a file.", "Name the folder that it lies in.")
    if name.startswith((".", "/", "~", "\\")) or name.count("/") > 1:
        raise UsageError(f"there is no folder {name!r} for a backbone.", "Check the path.")
    known = registry.names("backbones")
    hint = did_you_mean(name, known) or "None is registered."
    raise UsageError(
        f"there is no backbone {name!r}.", f"{hint} It may also be a folder, or a Hub id such as owner/name."
    )


def _serving_sources(name: str, registry: Registry) -> Component:
    """The first backbone, in the order in which plugins load, that reads any folder or Hub id."""
    for plugin in registry.plugins:
        for component in plugin.registers:
            if component.family != "backbones":
                continue
            try:
                option = options_of(component).known.get(SOURCE)
            except VertikitError:
                continue  # one that cannot be imported serves nothing; naming it says why
            if option is not None and option.required:
                return component
    raise UsageError(
        f"no installed plugin reads the backbone {name!r}.",
        "Name a registered one: `vertikit show` lists them.",
    )


def _as_path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # a home folder that is not there
        return Path(name)
