"""A run as a folder that answers where neither the kit nor torch is."""
