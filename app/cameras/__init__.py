"""Cameras on the screens: their state, shapes, probing, and their logins at the console."""
