"""Alarm lines of fire panels: one module per protocol, and the receivers."""
