"""Who may see and do what: access, policy, the one door to the lake, audit."""
