"""Kinds of files that hold pictures."""
