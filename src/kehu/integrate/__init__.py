"""From raw rows to canonical entities and from records to customers."""
