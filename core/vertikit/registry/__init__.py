"""Plugins and what they register: discovery, guarded loading, look-up by name."""

from vertikit.registry.component import FAMILIES, Component
from vertikit.registry.loading import PluginRecord, Registry, registry

__all__ = ["FAMILIES", "Component", "PluginRecord", "Registry", "registry"]
