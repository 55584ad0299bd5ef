"""Incidents and units over HTTP."""
