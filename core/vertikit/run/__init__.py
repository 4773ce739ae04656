"""The run folder: what a training leaves and every later verb takes."""
