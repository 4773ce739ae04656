"""A plugin of one's own, written from the files in `files/`: `vertikit plugins new NAME`."""

from vertikit.template.writing import NewPlugin, write_plugin

__all__ = ["NewPlugin", "write_plugin"]
