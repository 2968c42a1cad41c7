"""Training and evaluation of networks that recognize actions."""
