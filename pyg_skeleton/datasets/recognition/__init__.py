"""Data sets of clips with action labels."""
