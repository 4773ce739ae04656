"""Heads: features -> raw outputs -> probabilities."""
