"""Temporary watch areas: proposed, approved and ended, and the periodic work that enforces it."""
