"""The manufacturing vertical."""
