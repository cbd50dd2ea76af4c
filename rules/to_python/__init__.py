"""To Python."""
