"""Reading sources and landing their rows as they came."""
