"""Policies: what is done with a prediction."""
