"""Losses: raw outputs and targets -> one value an example."""
