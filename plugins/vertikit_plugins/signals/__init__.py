"""What can be computed of a window of readings."""
