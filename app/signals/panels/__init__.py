"""Alarm lines of fire panels: one file a make, and the receivers on which panels call."""
