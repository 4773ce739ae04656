"""Second stage: rows from files to clean, leak-free, split examples."""
