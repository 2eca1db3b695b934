"""One workspace's lake, its tables, how they are built and checked."""
