"""Training and evaluation of clustering across domains."""
