"""Sample data of the finance tasks."""
