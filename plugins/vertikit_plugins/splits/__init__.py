"""Splits: examples to training, validation and test parts, leak-free by construction."""
