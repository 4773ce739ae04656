"""The command line: `main` and the verbs, each in a module of its own that is imported when it is typed."""

from vertikit.cli.entry import main

__all__ = ["main"]
