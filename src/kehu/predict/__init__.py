"""Scorers, each with a card that says what it may be trusted with."""
