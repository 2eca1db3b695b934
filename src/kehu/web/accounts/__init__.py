"""Signing in and out, language and theme."""
