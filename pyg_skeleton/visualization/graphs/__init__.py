"""Drawings of learned graphs."""
