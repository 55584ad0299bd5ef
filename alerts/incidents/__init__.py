"""Incidents: reported by alerts, calls, device signals and notes."""
