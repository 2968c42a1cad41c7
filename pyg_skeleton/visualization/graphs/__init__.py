"""Figures of learned graphs."""
