"""Agreement between clusters and classes."""
