"""The customers list and the customer page."""
