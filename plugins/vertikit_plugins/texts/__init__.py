"""What is counted in texts: for baselines and experts alike."""
