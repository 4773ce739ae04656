"""Tables as numbers: what every model of a table reads, learnt from training rows alone."""
