"""Distances of learned graphs."""
