"""Distances between learned graphs."""
