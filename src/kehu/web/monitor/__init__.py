"""Jobs and the state of the system, for the owner and for machines."""
