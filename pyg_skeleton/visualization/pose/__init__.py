"""Figures and animations of poses."""
