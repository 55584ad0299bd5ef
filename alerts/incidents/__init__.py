"""Incidents: what happened in the world, told by alerts, calls, device signals and notes."""
