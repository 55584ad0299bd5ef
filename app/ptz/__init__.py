"""Cameras that are turned: who may turn one now, what it is told, and the way back home."""
