"""Third stage: training few or many parameters of the model on the prepared examples."""
