"""Containers that several formats share: JSON, NumPy, HDF5, pickles, lines of numbers."""
