"""Cameras: thread, lifecycle, clock and picture health."""
