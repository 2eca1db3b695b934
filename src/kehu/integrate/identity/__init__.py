"""Which records are one person: keys, likeness, clusters, stable ids, households."""
