"""Networks that recognize actions."""
