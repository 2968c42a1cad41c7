"""Drawings and animations of poses."""
