"""The education vertical."""
