"""The interactive viewer: players of clips in a self-contained HTML page."""
