"""Endpoints about cameras: their state, shapes, coverage, live view, phones, probing."""
