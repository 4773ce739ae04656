"""Discovery of plugins by entry points: loaded one by one, guarded, rolled back whole on failure."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from vertikit import hookspecs
from vertikit.errors import UsageError, VertikitError
from vertikit.registry.component import FAMILIES, Component
from vertikit.registry.plugin import OWN_DISTRIBUTION, PluginRecord, cure_for, distribution_of, who_offers
from vertikit.task import Task

GROUP = "vertikit"


class Registry:
    """All plugins and all that they registered.

    Args:
        points: the entry points to load, found by group `vertikit` where not given.
        environ: VERTIKIT_DISABLE=a,b leaves plugins out, VERTIKIT_LOAD=a,b loads only these,
            VERTIKIT_STRICT=1 raises on the first that is broken.
    """

    def __init__(
        self, points: Iterable[EntryPoint] | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        environ = os.environ if environ is None else environ
        self._strict = environ.get("VERTIKIT_STRICT", "") not in ("", "0")
        self._disabled = _names(environ.get("VERTIKIT_DISABLE"))
        self._only = _names(environ["VERTIKIT_LOAD"]) if "VERTIKIT_LOAD" in environ else None
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._components: dict[tuple[str, str], Component] = {}
        self.plugins: list[PluginRecord] = []
        found = entry_points(group=GROUP) if points is None else points
        for point in sorted(
            found, key=lambda each: (distribution_of(each)[0] != OWN_DISTRIBUTION, each.name)
        ):
            self._load(point)
        known = {plugin.name for plugin in self.plugins}
        asked = {"VERTIKIT_DISABLE": self._disabled, "VERTIKIT_LOAD": self._only or ()}
        self.unmatched = [
            (variable, name) for variable in asked for name in sorted(asked[variable]) if name not in known
        ]
        """(variable of the environment, name in it) for each name that no plugin has."""

    def _load(self, point: EntryPoint) -> None:
        distribution, version = distribution_of(point)
        record = PluginRecord(point.name, version, distribution)
        self.plugins.append(record)
        if point.name in self._disabled or (self._only is not None and point.name not in self._only):
            variable = "VERTIKIT_DISABLE" if point.name in self._disabled else "VERTIKIT_LOAD"
            record.state, record.reason = "disabled", f"left out by {variable}"
            return
        if any(other.name == point.name and other is not record for other in self.plugins):
            self._fail(record, ValueError(f"another plugin is called {point.name!r} already"))
            return
        try:
            with contextlib.redirect_stdout(sys.stderr):  # standard output is for results
                module = point.load()
            hash(module)  # pluggy keeps plugins in sets; an unhashable one would break those after it
            self._check_marked(module)
            self._manager.register(module, name=point.name)
            self._manager.check_pending()
            staged = self._collect(point.name, module)
            for component in staged:
                taken = self._components.get((component.family, component.name))
                if taken is not None:
                    word = FAMILIES[component.family]
                    raise ValueError(
                        f"{word} {component.name!r} of plugin {point.name!r} has the name of one "
                        f"of plugin {taken.plugin!r}"
                    )
        # A plugin is foreign code: whatever it raises on import, SystemExit included, is its own failure.
        except (Exception, SystemExit) as error:
            self._fail(record, error)
            return
        for component in staged:
            self._components[component.family, component.name] = component
        record.registers = staged

    def _check_marked(self, module: Any) -> None:
        """ValueError where a function bears a hook's name and no mark: pluggy would pass it over in silence."""
        for name, specification in vars(hookspecs).items():
            function = getattr(module, name, None)
            marked = any(hasattr(function, f"{GROUP}_{kind}") for kind in ("impl", "spec"))
            if hasattr(specification, f"{GROUP}_spec") and callable(function) and not marked:
                raise ValueError(f"{name} is not marked as a hook: put @vertikit.hookimpl above it")

    def _collect(self, plugin: str, module: Any) -> list[Component]:
        """What the plugin registers, validated, with duplicates inside it refused; commits nothing."""
        staged: list[Component] = []
        others = [other for name, other in self._manager.list_name_plugin() if name != plugin]
        for caller in self._manager.get_hookcallers(module) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is module and implementation.kwargnames:
                    raise ValueError(
                        f"parameter {implementation.kwargnames[0]!r} of hook {caller.name} has a default, "
                        "so it would never be filled: remove the default"
                    )
            family = caller.name.removeprefix("register_")
            if family not in FAMILIES:
                continue

            def register(
                name: str,
                factory: Any,
                *,
                summary: str,
                requires: str | tuple[str, ...] = (),
                install: str = "",
                family: str = family,
            ) -> None:
                needs = (requires,) if isinstance(requires, str) else tuple(requires)
                component = Component(family, name, factory, summary, needs, install, plugin)
                if any((other.family, other.name) == (family, name) for other in staged):
                    raise ValueError(f"{FAMILIES[family]} {name!r} is registered twice by this plugin")
                staged.append(component)

            self._manager.subset_hook_caller(caller.name, remove_plugins=others)(register=register)
        return staged

    def _fail(self, record: PluginRecord, error: BaseException) -> None:
        if self._manager.has_plugin(record.name) and not any(
            other.name == record.name and other is not record for other in self.plugins
        ):
            self._manager.unregister(name=record.name)
        if self._strict:
            raise VertikitError(
                f"plugin {record.name!r} ({record.distribution} {record.version}) is broken: {error}.",
                f"VERTIKIT_STRICT is set; {cure_for(record, error)}.",
            ) from error
        record.state = "broken"
        # A ValueError is a refusal of our own, as a rule, and says it all.
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        record.reason = " ".join(f"{kind}{error}".split())
        record.cure = cure_for(record, error)
        record.traceback = "".join(traceback.format_exception(error))

    def module(self, plugin: str) -> Any:
        """What the entry point of that plugin names; None where it is not loaded."""
        return self._manager.get_plugin(plugin)

    def names(self, family: str) -> list[str]:
        """The registered names of a family, in order of the alphabet."""
        return sorted(name for each, name in self._components if each == family)

    def components(self, family: str) -> list[Component]:
        return [self._components[family, name] for name in self.names(family)]

    def find(self, family: str, name: str) -> Component | None:
        return self._components.get((family, name))

    def get(self, family: str, name: str) -> Component:
        """The component of that name; UsageError with the near names, and who offers them, where there is none."""
        component = self.find(family, name)
        if component is not None:
            return component
        word = FAMILIES[family]
        broken = [plugin.name for plugin in self.plugins if plugin.state == "broken"]
        hint = who_offers(name, self.components(family))
        if broken:
            hint += f" Broken plugins: {', '.join(broken)}; see `vertikit plugins list`."
        raise UsageError(f"there is no {word} {name!r}.", hint or f"No plugin offers a {word}.")

    def task(self, name: str) -> Task:
        """The task of that name, imported and checked."""
        component = self.get("tasks", name)
        task = component.resolve()
        if not isinstance(task, Task) or task.name != name:
            raise VertikitError(
                f"plugin {component.plugin!r} registers {name!r}, but {component.factory} is no such Task.",
                "Tell its author.",
            )
        return task

    def announce(self, hook: str, **arguments: Any) -> None:
        """Call a hook of the life of a run, plugin by plugin; one that fails is reported and passed over."""
        for name, plugin in self._manager.list_name_plugin():
            others = [other for _, other in self._manager.list_name_plugin() if other is not plugin]
            try:
                self._manager.subset_hook_caller(hook, remove_plugins=others)(**arguments)
            except (Exception, SystemExit) as error:
                if self._strict:
                    raise
                print(f"plugin {name!r} failed in {hook}: {error}", file=sys.stderr)


def _names(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())


@cache
def registry() -> Registry:
    """The registry of this process, loaded at first use."""
    return Registry()
