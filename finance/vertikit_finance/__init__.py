"""The finance vertical."""
