"""Charts of training and results."""
