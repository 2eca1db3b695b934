"""Keeping a lake well: backup, compaction, expiry, and the doctor."""
