"""Strategies: which parameters of an encoder are trained, and how they are kept."""
