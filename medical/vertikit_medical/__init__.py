"""The medical vertical."""
