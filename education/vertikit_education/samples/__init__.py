"""Sample data of the education tasks."""
