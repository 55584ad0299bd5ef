"""Endpoints about shifts and hand-overs."""
