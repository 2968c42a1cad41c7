"""Formats for one's own clips, read and written: CSV, JSON and NumPy."""
