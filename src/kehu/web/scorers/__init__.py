"""The cards of scorers."""
