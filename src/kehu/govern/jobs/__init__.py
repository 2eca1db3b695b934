"""The durable queue of work that somebody asked for, and the times at which work is due."""
