"""Sends the action log to a SIEM."""
