"""First stage: the foundation model that a recipe names."""
