"""The program of an export: files that import the standard library and numpy alone, and are copied as they are."""
