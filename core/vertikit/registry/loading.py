"""Discovery of plugins by entry points: loaded one by one, guarded, rolled back whole on failure."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
import warnings
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import pluggy

from vertikit.errors import UsageError, VertikitError
from vertikit.own_verbs import SECTIONS
from vertikit.registry.component import FAMILIES, Component
from vertikit.registry.contract import CONTRACT, Contract, TooOldError
from vertikit.registry.plugin import (
    OWN_DISTRIBUTION,
    PluginRecord,
    cure_for,
    distribution_of,
    slow_note,
    who_offers,
)
from vertikit.registry.tracing import is_traced, timed
from vertikit.task import Task

GROUP = "vertikit"


class Registry:
    """All plugins and all that they registered.

    Args:
        points: the entry points to load, found by group `vertikit` where not given.
        environ: VERTIKIT_DISABLE=a,b leaves plugins out, VERTIKIT_LOAD=a,b loads only these,
            VERTIKIT_STRICT=1 raises on the first that is broken, VERTIKIT_TRACE=1 tells of each import and hook.
        contract: which hooks there are, and for plugins of which versions.
    """

    def __init__(
        self,
        points: Iterable[EntryPoint] | None = None,
        environ: Mapping[str, str] | None = None,
        contract: Contract = CONTRACT,
    ) -> None:
        environ = os.environ if environ is None else environ
        self._strict = environ.get("VERTIKIT_STRICT", "") not in ("", "0")
        self._disabled = _names(environ.get("VERTIKIT_DISABLE"))
        self._only = _names(environ["VERTIKIT_LOAD"]) if "VERTIKIT_LOAD" in environ else None
        self._traced = is_traced(environ)
        self._contract = contract
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(contract.specs)
        self._components: dict[tuple[str, str], Component] = {}
        self.plugins: list[PluginRecord] = []
        found = entry_points(group=GROUP) if points is None else points
        known_from = [(point, *distribution_of(point)) for point in found]
        for each in sorted(known_from, key=lambda each: (each[1] != OWN_DISTRIBUTION, each[0].name)):
            self._load(*each)
        known = {plugin.name for plugin in self.plugins}
        asked = {"VERTIKIT_DISABLE": self._disabled, "VERTIKIT_LOAD": self._only or ()}
        self.unmatched = [
            (variable, name) for variable in asked for name in sorted(asked[variable]) if name not in known
        ]
        """(variable of the environment, name in it) for each name that no plugin has."""

    def _load(self, point: EntryPoint, distribution: str, version: str) -> None:
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
            module = self._imported(point, record)
            hash(module)  # pluggy keeps plugins in sets; an unhashable one would break those after it
            unsaid = self._contract.check(module)
            record.notes += [unsaid] if unsaid and distribution != OWN_DISTRIBUTION else []
            self._check_marked(module)
            self._manager.register(module, name=point.name)
            self._manager.check_pending()
            staged = self._collect(record, module)
            for component in staged:
                if component.family == "commands" and any(
                    component.name in each for each in SECTIONS.values()
                ):
                    raise ValueError(
                        f"verb {component.name!r} of plugin {point.name!r} has the name of one of Vertikit's own"
                    )
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

    def _imported(self, point: EntryPoint, record: PluginRecord) -> Any:
        """The plugin's module, and on its record how long that took."""
        before = set(sys.modules)
        # Standard output is for results.
        with contextlib.redirect_stdout(sys.stderr), timed("import", point.name, self._traced) as spent:
            module = point.load()
        record.seconds = spent.seconds
        slow = slow_note(spent.seconds, set(sys.modules) - before)
        record.notes += [slow] if slow else []
        return module

    def _check_marked(self, module: Any) -> None:
        """ValueError where a function bears a hook's name and no mark: pluggy would pass it over in silence; and where
        it is of a hook that is gone."""
        for name in self._contract.retired:
            if callable(getattr(module, name, None)) and (gone := self._contract.gone(name)):
                raise TooOldError(gone)
        for name, specification in vars(self._contract.specs).items():
            function = getattr(module, name, None)
            marked = any(hasattr(function, f"{GROUP}_{kind}") for kind in ("impl", "spec"))
            if hasattr(specification, f"{GROUP}_spec") and callable(function) and not marked:
                raise ValueError(f"{name} is not marked as a hook: put @vertikit.hookimpl above it")

    def _collect(self, record: PluginRecord, module: Any) -> list[Component]:
        """What the plugin registers, validated, with duplicates inside it refused; commits nothing."""
        staged: list[Component] = []
        for caller in self._manager.get_hookcallers(module) or ():
            for implementation in caller.get_hookimpls():
                if implementation.plugin is not module:
                    continue
                if implementation.wrapper or implementation.hookwrapper:
                    raise ValueError(
                        f"hook {caller.name} is a wrapper of others: hooks stand side by side here"
                    )
                if implementation.kwargnames:
                    raise ValueError(
                        f"parameter {implementation.kwargnames[0]!r} of hook {caller.name} has a default, "
                        "so it would never be filled: remove the default"
                    )
            if deprecated := self._contract.deprecated(caller.name):
                record.notes.append(deprecated)
                # Where its author's tests run, it is seen as well.
                warnings.warn(f"plugin {record.name!r}: {deprecated}", DeprecationWarning, stacklevel=2)
            family = self._contract.family(caller.name)
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
                component = Component(family, name, factory, summary, needs, install, record.name)
                if any((other.family, other.name) == (family, name) for other in staged):
                    raise ValueError(f"{FAMILIES[family]} {name!r} is registered twice by this plugin")
                staged.append(component)

            for implementation in caller.get_hookimpls():
                if implementation.plugin is module:
                    self._call(implementation, caller.name, record.name, {"register": register})
        return staged

    def _call(
        self, implementation: pluggy.HookImpl, hook: str, plugin: str, given: Mapping[str, Any]
    ) -> None:
        """One hook of one plugin, with those parameters that it asks for."""
        with timed(hook, plugin, self._traced):
            implementation.function(*(given[name] for name in implementation.argnames))

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
        implementations = {
            each.plugin_name: each for each in getattr(self._manager.hook, hook).get_hookimpls()
        }
        for plugin in self.plugins:
            if plugin.state != "ok" or plugin.name not in implementations:
                continue
            try:
                self._call(implementations[plugin.name], hook, plugin.name, arguments)
            except (Exception, SystemExit) as error:
                if self._strict:
                    raise
                print(f"plugin {plugin.name!r} failed in {hook}: {error}", file=sys.stderr)


def _names(text: str | None) -> frozenset[str]:
    return frozenset(part.strip() for part in (text or "").split(",") if part.strip())


@cache
def registry() -> Registry:
    """The registry of this process, loaded at first use."""
    return Registry()
