"""Replay of recorded videos through the pipeline, and the events that it finds."""
