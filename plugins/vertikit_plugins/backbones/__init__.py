"""Encoders: where their weights are found, and how a column's values become their input."""
