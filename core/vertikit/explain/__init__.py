"""The verb `explain`: what an adaptation changed, whether that mattered, and why a row got its answer."""
