"""Signals of devices by HTTP."""
