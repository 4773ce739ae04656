"""Metrics of no trade."""
