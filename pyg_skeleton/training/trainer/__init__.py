"""The Lightning trainer, its callbacks, logger and checkpoint format."""
