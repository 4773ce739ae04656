"""What works without the kit: files that import the standard library and numpy alone. Exports hold copies of them."""
