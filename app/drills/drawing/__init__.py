"""Drawn clips: a street, a fire in it, and the clip that shows both."""
