"""Runs in service: HTTP around `run.predict`, with batches across requests and weights held once."""
