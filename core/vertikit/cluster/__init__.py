"""Work handed to a Ray cluster: one that is there, or one started on this machine for as long as the work takes."""
