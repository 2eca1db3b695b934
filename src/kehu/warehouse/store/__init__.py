"""Where a lake is: its place, catalog, snapshots and versions, who may write, and the engine that reads it."""
