"""The same training on several splits: every row tested once, and, with several seeds, more than once."""
