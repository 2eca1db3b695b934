"""Connections to a lake: readers of one pinned snapshot, and the one writer."""
