"""Incidents, calls and units over HTTP."""
