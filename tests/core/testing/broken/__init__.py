"""Components that are sound, and of each family one for every check that breaks it in just that way."""
