"""Incidents, calls and units in the archive. What is decided stands in `alerts.incidents`."""
