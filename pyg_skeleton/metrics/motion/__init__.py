"""Errors of predicted motion, per frame."""
