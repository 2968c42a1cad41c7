"""Training and evaluation of networks that lift 2D poses to 3D."""
