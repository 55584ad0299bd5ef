"""Drills: recorded events that are answered as if they were real, and how well that went."""
