"""Settings of a recipe, chosen by trials on validation rows."""
