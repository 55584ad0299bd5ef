"""Calls over HTTP: taken down, told by exchanges, redacted."""
