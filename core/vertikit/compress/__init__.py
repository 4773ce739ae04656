"""Finished models made smaller: the steps, what they are measured by, and the search within a budget."""
