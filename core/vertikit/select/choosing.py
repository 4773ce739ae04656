"""From the recipe's `backbone` to an encoder's source: a registered name, a local folder, or a Hub id."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vertikit.contracts import BackboneSource
from vertikit.errors import UsageError, VertikitError, did_you_mean
from vertikit.registry.component import Component
from vertikit.registry.loading import Registry
from vertikit.registry.options import options_of

if TYPE_CHECKING:
    from vertikit.recipe.model import Choice

SOURCE = "source"
"""The required parameter by which a backbone's factory says that it serves any folder or Hub id."""

MODALITY = "modality"
Factory = TypeVar("Factory", bound=Callable[..., object])

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


def serves(modality: str) -> Callable[[Factory], Factory]:
    """Says of a factory that takes any folder or Hub id what its encoders read; one that says nothing reads text."""

    def told(factory: Factory) -> Factory:
        setattr(factory, MODALITY, modality)
        return factory

    return told


def choose_backbone(choice: Choice, registry: Registry, modalities: Collection[str] = ()) -> BackboneSource:
    """The source of the encoder that a recipe names; no weights are read. UsageError for an unknown name.

    `modalities` are what the task's inputs are: of encoders in folders and on the Hub, one that reads these is taken.
    """
    component, fixed = backbone_component(choice.name, registry, modalities)
    options = dict(choice.options)
    if fixed:
        options[SOURCE] = str(_as_path(choice.name)) if _as_path(choice.name).is_dir() else choice.name
    source: BackboneSource = component.resolve()(**options)
    return source


def backbone_component(
    name: str, registry: Registry, modalities: Collection[str] = ()
) -> tuple[Component, tuple[str, ...]]:
    """The backbone that serves a name of the recipe, and the options which that name itself fills."""
    registered = registry.find("backbones", name)
    if registered is not None:
        return registered, ()
    path = _as_path(name)
    if path.is_dir() or _HUB_ID.fullmatch(name):
        return _serving_sources(name, registry, modalities or _looks_like(path)), (SOURCE,)
    if path.exists():
        raise UsageError(f"backbone {name!r} is a file.", "Name the folder that it lies in.")
    if name.startswith((".", "/", "~", "\\")) or name.count("/") > 1:
        raise UsageError(f"there is no folder {name!r} for a backbone.", "Check the path.")
    known = registry.names("backbones")
    listed = f"Known: {', '.join(sorted(known))}." if known else "None is registered."
    hint = did_you_mean(name, known) or listed
    raise UsageError(
        f"there is no backbone {name!r}.", f"{hint} It may also be a folder, or a Hub id such as owner/name."
    )


def _looks_like(path: Path) -> Collection[str]:
    """What an encoder in a folder reads, where that shows; nothing of a name on the Hub."""
    return ("image",) if (path / "preprocessor_config.json").is_file() else ()


def _serving_sources(name: str, registry: Registry, modalities: Collection[str]) -> Component:
    """The first backbone, in the order in which plugins load, that reads any folder or Hub id, and one of the
    modalities; where none reads these, the first."""
    found: list[Component] = []
    for plugin in registry.plugins:
        for component in plugin.registers:
            if component.family != "backbones":
                continue
            try:
                option = options_of(component).known.get(SOURCE)
            except VertikitError:
                continue  # one that cannot be imported serves nothing; naming it says why
            if option is not None and option.required:
                found.append(component)
    for component in found:
        if getattr(component.resolve(), MODALITY, "text") in modalities:
            return component
    if found:
        return found[0]
    raise UsageError(
        f"no installed plugin reads the backbone {name!r}.",
        "Name a registered one: `vertikit show` lists them.",
    )


def _as_path(name: str) -> Path:
    try:
        return Path(name).expanduser()
    except RuntimeError:  # a home folder that is not there
        return Path(name)
