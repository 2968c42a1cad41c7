"""Agreement of clusters with classes."""
