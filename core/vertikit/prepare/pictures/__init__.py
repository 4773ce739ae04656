"""Pictures that rows name: decoded once, in parallel, and told apart from those that look alike."""
