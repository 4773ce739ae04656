"""Sample data of the medical tasks: made by generators, offline, representing no person."""
