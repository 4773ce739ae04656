"""What forecasters, their baselines and their metrics share."""
