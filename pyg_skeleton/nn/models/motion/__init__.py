"""Networks that predict motion."""
