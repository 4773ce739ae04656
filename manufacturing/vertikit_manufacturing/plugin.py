"""Registers the manufacturing tasks, and what their trade judges and decides by."""
