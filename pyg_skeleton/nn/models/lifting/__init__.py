"""Networks that lift 2D poses to 3D."""
