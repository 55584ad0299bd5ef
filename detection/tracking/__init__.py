"""Tracking: tracks, stays and positions."""
