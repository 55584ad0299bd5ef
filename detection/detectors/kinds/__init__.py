"""Kinds of detector, one module each with its `DETECTOR`."""
