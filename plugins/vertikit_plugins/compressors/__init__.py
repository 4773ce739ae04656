"""Ways to make a finished encoder smaller or quicker."""
