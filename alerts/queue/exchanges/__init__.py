"""Exchanges through the queue beside events: habit maps, turned cameras and others."""
