"""Sample data of the manufacturing tasks, made for this project."""
