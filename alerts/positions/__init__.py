"""Positions of units: checked, stored as tracks, with their age."""
