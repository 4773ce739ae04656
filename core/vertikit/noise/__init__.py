"""The label-noise scan: which rows have a label that is probably wrong, by models not trained on them."""
