"""Baselines: what a user would have used otherwise."""
