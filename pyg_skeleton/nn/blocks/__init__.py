"""Blocks that networks stack: operator, norm, activation and residual."""
