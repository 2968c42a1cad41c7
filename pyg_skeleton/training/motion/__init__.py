"""Joint training of recognition and motion prediction."""
