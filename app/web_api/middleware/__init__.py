"""Middleware of every request: limits, host and origin checks, headers."""
