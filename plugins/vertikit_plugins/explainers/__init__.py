"""Where in a picture a model looks."""
