"""Errors of single poses."""
