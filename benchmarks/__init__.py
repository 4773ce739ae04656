"""What Vertikit costs and gives beside what one would write or use otherwise, on one machine."""
