"""Endpoints about the site itself: its names, its map, its walls."""
