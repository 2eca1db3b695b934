"""What every layer may use: errors, types, the clock, settings, progress."""
