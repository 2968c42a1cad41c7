"""Data sets of motion capture for motion prediction."""
