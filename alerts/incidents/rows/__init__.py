"""Incidents with all their sources, and the one list of the desk in the one ranking."""
