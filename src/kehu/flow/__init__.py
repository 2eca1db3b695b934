"""The product's days: functions that join stages, for the command line, the web app and notebooks alike."""
