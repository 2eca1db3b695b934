"""What the sources gave, and what was rejected."""
