"""Sample data, made by code."""
