"""Formats in which a model leaves the kit."""
