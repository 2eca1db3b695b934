"""Every warehouse table, one file each."""
