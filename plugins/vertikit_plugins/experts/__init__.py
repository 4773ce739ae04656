"""Experts: knowledge beside the model."""
