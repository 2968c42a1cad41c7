"""Results as text and pictures, one file per task."""
