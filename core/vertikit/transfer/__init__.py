"""The transfer matrix: what runs are worth as a start for other tasks, cell by cell beside the plain encoder."""
