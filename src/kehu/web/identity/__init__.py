"""Who is who: the review queue, merging and undoing by hand, and how good identity is."""
