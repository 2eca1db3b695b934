"""Building tables: what changed, what follows from it, computing, checking, publishing."""
