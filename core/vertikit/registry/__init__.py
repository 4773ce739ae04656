"""Plugins and what they register: discovery, guarded loading, look-up by name."""

from vertikit.registry.component import FAMILIES, Component
from vertikit.registry.loading import Registry, registry
from vertikit.registry.plugin import PluginRecord

__all__ = ["FAMILIES", "Component", "PluginRecord", "Registry", "registry"]
